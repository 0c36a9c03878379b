"""What is wrong or odd in labels, listed by image and word."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

_LOGGER = logging.getLogger(__name__)

MAX_LISTED_FAULTS = 50
MAX_LISTED_WARNINGS = 10


class AnnotationError(ValueError):
    """An annotation file that does not hold; the message lists every broken entry by image and word."""


@dataclass
class Notes:
    """What reading has found, each by image and word."""

    faults: list[str] = field(default_factory=list)
    collinear: list[str] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def warn(self, path: Path) -> None:
        """One warning for each kind of odd word."""
        kinds = (
            ("ignored", self.collinear, "words whose points lie on one line"),
            ("put in order", self.ordered, "words of four points whose edges cross (row by row instead of around?)"),
            ("kept", self.kept, "words whose polygon crosses itself in a small loop"),
            ("ignored", self.ignored, "words whose polygon crosses itself"),
        )
        for done, words, what in kinds:
            if words:
                _LOGGER.warning(list_faults(f"{path}: {done}", words, what, listed=MAX_LISTED_WARNINGS))


def list_faults(head: str, faults: list[str], noun: str, *, listed: int = MAX_LISTED_FAULTS) -> str:
    """One message of a line per fault, the first of them: head, their number, noun."""
    lines = [f"{head} {len(faults)} {noun}:", *(f"  {fault}" for fault in faults[:listed])]
    if len(faults) > listed:
        lines.append(f"  … and {len(faults) - listed} more")
    return "\n".join(lines)


def shorten(value: object) -> str:
    """A value as messages show it, in 60 characters at most."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= 60 else f"{text[:57]}…"
