"""Paths and names as people have them, quoted for Hydra's grammar: `images=/data/영수증 (1)`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from runners.cli.setting_types import Setting, fits, is_path

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def quote_overrides(overrides: Sequence[str], settings: Mapping[str, Setting], *, multirun: bool = False) -> list[str]:
    """The command line with quotes around the values that Hydra would not read as they are.

    A value of a path or a name is taken as it is, with commas (which make a sweep of `--multirun`), brackets, spaces
    and a `~` for the home folder. So is any value that is not in Hydra's grammar.

    Args:
        overrides: as typed, e.g. `["images=~/my data (1)"]`.
        settings: of the command.
        multirun: whether commas make a sweep.
    """
    return [_quote(override, settings, multirun=multirun) for override in overrides]


def quoted_where_needed(text: str) -> str:
    """The text, in quotes where Hydra would not read it as it is."""
    return text if _PLAIN.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """As a string of Hydra's grammar: a backslash counts before a quote only, and at the end."""
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + (r"\'" if found[2] else ""), text)
    return f"'{escaped}'"


def _quote(override: str, settings: Mapping[str, Setting], *, multirun: bool) -> str:
    key, equals, value = override.partition("=")
    if not equals or "${" in value or value[:1] in ("'", '"'):
        return override
    setting = settings.get(key.lstrip("+"))
    takes_text = setting is not None and is_path(setting)
    if takes_text and value.startswith("~"):
        value = str(Path(value).expanduser())
    try:
        parsed = OverridesParser.create().parse_override(f"{key}={value}")
    except HydraException:
        choices = value.split(",") if multirun and value[:1] not in ("[", "{") else [value]
        return f"{key}={','.join(map(_quote_list, choices))}"
    if setting is None or not takes_text or value in ("", "null"):
        return f"{key}={value}"
    if parsed.is_sweep_override():
        return f"{key}={value if multirun else quoted(value)}"
    return f"{key}={value if fits(parsed.value(), setting.type) else quoted(value)}"


def _quote_list(value: str) -> str:
    """A text in quotes; of a list, each text in it."""
    if not (value.startswith("[") and value.endswith("]")):
        return quoted(value)
    items = [item.strip() for item in value[1:-1].split(",")]
    return f"[{','.join(item if item[:1] in (chr(39), chr(34)) else quoted(item) for item in items)}]"
