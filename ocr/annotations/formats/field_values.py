"""What the values of a label's fields say: a text, yes or no, or that the word is ignored."""

from __future__ import annotations

from collections.abc import Mapping

from baseline_code.files.shown_text import shorten

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


def is_text(value: object) -> bool:
    """Whether a value of a JSON is a text, or a number, as tools write the text 12."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def text_of(value: object) -> str:
    """The text that a value of a JSON is: a number in its shortest form, "" of null.

    Raises:
        ValueError: if it is neither text, number nor null.
    """
    if value is None:
        return ""
    if not is_text(value):
        raise ValueError(f"expected a text or a number, got {shorten(value)}")
    return str(value)
