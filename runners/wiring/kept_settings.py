"""The settings that a checkpoint keeps: plain values in the shape of this project's own, and nothing that would run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baseline_code.files.json_file import is_number
from baseline_code.files.shown_text import shorten
from runners.cli.settings import CALL

MAX_NUMBER = 2**64
"""No setting is larger; a seed may be almost."""


def find_resolvers(settings: object, name: str = "") -> Iterator[str]:
    """`key=value` of each setting that would call something when it is read."""
    if isinstance(settings, Mapping):
        for key, child in settings.items():
            yield from find_resolvers(child, f"{name}.{key}" if name else str(key))
    elif isinstance(settings, list | tuple):
        for index, child in enumerate(settings):
            yield from find_resolvers(child, f"{name}[{index}]")
    elif isinstance(settings, str) and CALL.search(settings):
        yield f"{name}={settings}"


def find_misfits(settings: Mapping[str, Any], defaults: Mapping[str, Any], name: str = "") -> Iterator[str]:
    """What is of another kind than this project's own settings, each in words.

    Args:
        settings: resolved.
        defaults: resolved; a number stands for any number up to 2^64, null for any plain value. Null fits everywhere.
        name: of the group, for the words.
    """
    for key, default in defaults.items():
        value, path = settings.get(key), f"{name}.{key}" if name else key
        if isinstance(default, Mapping):
            if isinstance(value, Mapping):
                yield from find_misfits(value, default, path)
            elif value is not None:
                yield f"expected {path} to be a group of settings, got {shorten(value)}"
        elif value is not None and not _fits(key, value, default):
            yield f"expected {path} to be like {shorten(default)}, got {shorten(value)}"


def _fits(key: str, value: object, default: object) -> bool:
    if isinstance(value, Mapping):
        return False
    if isinstance(value, list):
        numeric = isinstance(default, list) and bool(default) and all(map(_is_number, default))
        return (isinstance(default, list) or default is None or key in ("img_size", "devices")) and (
            not numeric or all(map(_is_number, value))
        )
    if isinstance(default, bool):
        return isinstance(value, bool) or (key == "deterministic" and value == "warn")
    if isinstance(default, int | float):
        return _is_number(value) or (key == "devices" and isinstance(value, str))
    if isinstance(default, list):
        return key == "img_size" and _is_number(value)
    return isinstance(value, str | int | float)


def _is_number(value: object) -> bool:
    return is_number(value, -MAX_NUMBER, MAX_NUMBER)
