"""A JSON file of this project, written in one form, read with one kind of error for all that may be wrong with it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

from baseline_code.files.atomic import write_text_atomic

MAX_BYTES = 2_000_000_000
MAX_DEPTH = 100
"""No file of this project nests deeper; a depth that Python can read may still be too deep for what comes after."""

Pairs = Callable[[list[tuple[str, Any]]], Any]


class JsonFileError(ValueError):
    """A file that is no readable JSON object; the message names it, what was expected and what came."""


def read_json_object(path: str | os.PathLike[str], expected: str, *, hint: str = "") -> dict[str, Any]:
    """Read a file whose top level is a JSON object.

    Args:
        path: the file, UTF-8 with or without a byte order mark.
        expected: what it should be, for messages: "a calibration".
        hint: what to do where it is missing or damaged, for messages.

    Returns:
        The object. Its values may be of any JSON type; NaN and infinity are let through as floats.

    Raises:
        JsonFileError: as by `read_json`, if it is no object, or if it nests more than 100 deep.
    """
    end = f"; {hint}" if hint else ""
    text = _read_text(Path(path), expected, end)
    document = _parse(Path(path), text, f"{expected} as JSON", end, None)
    if not isinstance(document, dict):
        raise JsonFileError(f"{path}: expected a JSON object, got {type(document).__name__}{end}")
    if _is_deeper(document, MAX_DEPTH):
        raise JsonFileError(f"{path}: expected {expected}, got JSON nested more than {MAX_DEPTH} deep{end}")
    return document


def read_json(path: str | os.PathLike[str], expected: str, *, pairs: Pairs | None = None) -> object:
    """Read a JSON file of any shape, nested as deep as Python can read.

    Args:
        path: as for `read_json_object`.
        expected: as for `read_json_object`.
        pairs: builds the objects from their (key, value) pairs, as the json module's `object_pairs_hook`.

    Raises:
        JsonFileError: if the file is missing, no file, not readable, too large, not UTF-8, no JSON, or nested too deep.
    """
    path = Path(path)
    return _parse(path, _read_text(path, expected, ""), "JSON", "", pairs)


def write_json(path: str | os.PathLike[str], content: object) -> None:
    """Writes a JSON file for people too, whole or not at all: UTF-8, indented by 2, with a newline at its end.

    Args:
        path: where to; missing folders are made.
        content: JSON values.

    Raises:
        OSError: if it cannot be written.
    """
    write_text_atomic(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def is_number(value: object, low: float = -sys.float_info.max, high: float = sys.float_info.max) -> TypeGuard[float]:
    """Whether a JSON value is a number from `low` to `high`, which a float can hold; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _read_text(path: Path, expected: str, end: str) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise JsonFileError(f"{path}: expected {expected} of at most {MAX_BYTES} bytes, got {size}{end}")
        if path.exists() and not path.is_file() and not path.is_dir():
            raise JsonFileError(f"{path}: expected {expected}, got a pipe, socket or device{end}")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise JsonFileError(f"{path}: expected {expected}, got no such file{end or '; check the path'}") from error
    except OSError as error:
        raise JsonFileError(f"{path}: expected a readable file, got {error.strerror or error}{end}") from error
    except UnicodeDecodeError as error:
        raise JsonFileError(f"{path}: expected UTF-8 text, got other bytes at position {error.start}{end}") from error


def _parse(path: Path, text: str, expected: str, end: str, pairs: Pairs | None) -> object:
    try:
        return json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise JsonFileError(f"{path}: expected {expected}, got an error at {place}: {error.msg}{end}") from error
    except RecursionError as error:
        raise JsonFileError(f"{path}: expected {expected}, got it nested too deep to be read{end}") from error
    except ValueError as error:  # a number of thousands of digits
        raise JsonFileError(f"{path}: expected {expected}, got {error}{end}") from error


def _is_deeper(document: object, depth: int) -> bool:
    """Whether containers nest more than `depth` deep; level by level, so that no depth is too much for the check."""
    level: list[Any] = [document]
    for _ in range(depth + 1):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _children(parent: dict[str, Any] | list[Any]) -> list[Any]:
    return list(parent.values()) if isinstance(parent, dict) else parent
