"""What marks a word as ignored, and which labels are only a class."""

from __future__ import annotations

from collections.abc import Mapping

IGNORED_NAMES = frozenset(
    {"ignore", "ignored", "illegible", "illegibility", "dontcare", "don't care", "don’t care", "###"}
)
CLASS_NAMES = frozenset({"text", "word", "words", "line"})


def is_ignored_name(*names: object) -> bool:
    """Whether a class or label says that the word is ignored."""
    return any(isinstance(name, str) and name.strip().casefold() in IGNORED_NAMES for name in names)


def has_ignored_flag(attributes: object) -> bool:
    """Whether an attribute of such a name has a true value; attributes that are no mapping have none."""
    if not isinstance(attributes, Mapping):
        return False
    return any(is_ignored_name(name) and is_true(value) for name, value in attributes.items())


def is_true(value: object) -> bool:
    """Whether a value says yes; the text "false" says no."""
    if isinstance(value, str):
        return value.strip().casefold() in ("true", "yes", "1")
    return isinstance(value, bool | int | float) and value == 1


def text_of_label(label: str) -> str:
    """The text that a label is, "" where it is only a class."""
    return "" if label.strip().casefold() in CLASS_NAMES else label
