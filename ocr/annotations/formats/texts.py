"""Texts of label files: what stands for one in JSON."""

from __future__ import annotations

from baseline_code.files.shown_text import shorten


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
