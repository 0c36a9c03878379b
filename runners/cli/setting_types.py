"""What each setting may be: its comment in the configuration file opens with a type, and nothing else repeats it.

    patience: 5 # int >= 0; validations without a better score

A type is one or several of these, with `|` between them: `int`, `number`, `bool`, `text`, `path`, `existing path`,
`member` (an existing path, or a mapping with one as its `path`), `any`, `null`, a word or number that stands for
itself, `multiple of 32`, `list of …`, `range of …` (`[low, high]`). `int` and `number` may have a range: `>= 0`,
`> 0`, `in [0, 1)`.

Hydra's structured configs know no ranges and would state every key and default a second time, in Python; so would
pydantic. Here the default, the type, the range and the words of `--help` are one line.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from baseline_code.files.json_file import is_number
from ocr.experiments.changes import typed_value

_LINE = re.compile(r"(?P<indent> *)(?P<name>\w+):(?: +(?P<value>[^#\s].*?))?(?: +# (?P<comment>.*))?")
_INCLUDED = re.compile(r"  - /?(\w+)")
_NUMBER = r"-?\d+(?:\.\d+)?"
_BOUNDED = re.compile(rf"(int|number)(?: (>=?) ({_NUMBER})| in ([\[(])({_NUMBER}), ({_NUMBER})([\])]))?")
_KINDS = ("bool", "text", "path", "existing path", "member", "any", "null")
_LITERAL = re.compile(r"[\w.-]+")
_ALIASES = {
    **dict.fromkeys(("fp16", "float16", "half", "amp", "16", "mixed"), "16-mixed"),
    **dict.fromkeys(("bf16", "bfloat16"), "bf16-mixed"),
    **dict.fromkeys(("32", "fp32", "float32", "full"), "32-true"),
    **dict.fromkeys(("gpus",), "gpu"),
}
"""What people type for a value that has another name here."""

COMMON = {"classify": "classification"}
"""Where a command finds the types of settings that it takes from a checkpoint, if not in base.yaml."""


class Setting(NamedTuple):
    """One line of a configuration file."""

    default: str  # as it is written
    type: str  # empty: the line gives another default to a setting of an included file
    meaning: str


def read_settings(config_dir: Path, config_name: str) -> dict[str, Setting]:
    """Every setting of a command by its dotted key, in the order of the files.

    Args:
        config_dir: folder of the configuration files.
        config_name: name of the command's, without `.yaml`.
    """
    settings = _read(config_dir, config_name)
    if any(not setting.type for setting in settings.values()):
        common = _read(config_dir, COMMON.get(config_name, "base"))
        for key, setting in settings.items():
            if not setting.type and key in common:
                kind = common[key].type
                kind = kind if kind.startswith("null") else f"null | {kind}"
                settings[key] = Setting(setting.default, kind, common[key].meaning)
    return settings


def find_fault(key: str, value: object, setting: Setting) -> str | None:
    """What is wrong with a value, in one line with what would be right; None if it is right.

    Args:
        key: dotted.
        value: as Hydra composed it, references resolved.
        setting: of that key.
    """
    if not setting.type or fits(value, setting.type):
        return None
    shown = repr(value) if isinstance(value, str) else typed_value(value)
    example = next(_corrections(value, setting), None)
    hint = "" if example is None else f"; e.g. {key}={typed_value(example)}"
    meaning = f" ({setting.meaning.partition(';')[0]})" if setting.meaning else ""
    return f"{key}: expected {setting.type.replace('existing path', 'path')}{meaning}, got {shown}{hint}"


def fits(value: object, kind: str) -> bool:
    """Whether a value is of a type.

    Raises:
        ValueError: if there is no such type.
    """
    return any(_fits_one(value, one) for one in kind.split(" | "))


def is_path(setting: Setting) -> bool:
    """Whether the setting is text that people name themselves: a path or a word of their own."""
    return any(one in ("path", "existing path", "text") for one in setting.type.split(" | "))


def paths_to_read(value: object, kind: str) -> Iterator[str]:
    """The paths in a value of a type at which a file or folder has to be."""
    for one in kind.split(" | "):
        if one.startswith("list of ") and isinstance(value, list):
            for item in value:
                yield from paths_to_read(item, one.removeprefix("list of "))
        elif one == "member" and isinstance(value, dict) and "path" in value:
            yield str(value["path"])
        elif one == "member" and not isinstance(value, dict):
            yield str(value)
        elif one == "existing path" and isinstance(value, str) and value not in kind.split(" | "):
            yield value


def reads_paths(kind: str) -> bool:
    """Whether values of a type are, or hold, such paths."""
    return any(one.removeprefix("list of ") in ("member", "existing path") for one in kind.split(" | "))


def _read(config_dir: Path, name: str) -> dict[str, Setting]:
    path = config_dir / f"{name}.yaml"
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    settings: dict[str, Setting] = {}
    for line in lines:
        included = _INCLUDED.fullmatch(line)
        if included and included[1] != "_self_":
            settings |= _read(config_dir, included[1])
    for key, setting in _scan(lines):
        before = settings.get(key)
        settings[key] = before._replace(default=setting.default) if before and not setting.type else setting
    return settings


def _scan(lines: Sequence[str]) -> Iterator[tuple[str, Setting]]:
    """The settings of one file; how parts are built and Hydra's own are none."""
    above: list[tuple[int, str]] = []
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        indent = len(found["indent"])
        above = [(depth, name) for depth, name in above if depth < indent]
        key = ".".join([*(name for _, name in above), found["name"]])
        if found["value"] is None or found["value"].startswith("{"):
            above.append((indent, found["name"]))
        elif key.partition(".")[0] not in ("hydra", "build", "defaults"):
            kind, _, meaning = (found["comment"] or "").partition("; ")
            yield key, Setting(found["value"], kind, meaning)


def _fits_one(value: object, kind: str) -> bool:
    outer, of, inner = kind.partition(" of ")
    if of and outer in ("list", "range"):
        in_order = outer == "list" or (isinstance(value, list) and len(value) == 2)
        if not isinstance(value, list) or not in_order or not all(_fits_one(item, inner) for item in value):
            return False
        return outer == "list" or value[0] <= value[1]
    if of and outer == "multiple":
        return _is_int(value) and value > 0 and value % int(inner) == 0  # type: ignore[operator]
    bounded = _BOUNDED.fullmatch(kind)
    if bounded is not None:
        return is_number(value) and (bounded[1] == "number" or _is_int(value)) and _within(value, bounded)
    if kind in _KINDS:
        return _is_of_kind(value, kind)
    if not _LITERAL.fullmatch(kind):
        raise ValueError(f"expected a type of a setting, got {kind!r}: see {__name__}")
    return not isinstance(value, bool) and str(value) == kind


def _within(value: float, bounded: re.Match[str]) -> bool:
    _, sign, least, left, low, high, right = bounded.groups()
    if sign is not None:
        return value >= float(least) if sign == ">=" else value > float(least)
    if left is None:
        return True
    above = value >= float(low) if left == "[" else value > float(low)
    return above and (value <= float(high) if right == "]" else value < float(high))


def _is_of_kind(value: object, kind: str) -> bool:
    if kind == "null":
        return value is None
    if kind == "bool":
        return isinstance(value, bool)
    if kind in ("path", "existing path"):
        return isinstance(value, str) and value != ""  # of a variable that a shell does not know; "" is the folder here
    return kind in ("member", "any") or isinstance(value, str)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _corrections(value: object, setting: Setting) -> Iterator[object]:
    """Values of the right type, those that were most likely meant first."""
    words = [one for one in setting.type.split(" | ") if one not in _KINDS and _LITERAL.fullmatch(one)]
    text = str(value).lower()
    near = difflib.get_close_matches(text, words, n=1)
    candidates = [_as_number(value), [value], [value, value], _ALIASES.get(text), *near, *_first_word(text, words)]
    default = None if setting.default == "???" or "${" in setting.default else yaml.safe_load(setting.default)
    candidates += [default, *words[:1], 1, 0.5, "auto", "name", [0.5, 1.0]]
    yield from (candidate for candidate in candidates if candidate is not None and fits(candidate, setting.type))


def _first_word(text: str, words: Sequence[str]) -> Iterator[str]:
    """`max` for `maximum`, `quad` for `quads`."""
    yield from (word for word in words if len(text) > 2 and (text.startswith(word) or word.startswith(text)))


def _as_number(value: object) -> int | float | None:
    """The number that a text or a float is, whole where it can be."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
