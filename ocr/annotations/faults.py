"""What is wrong or odd in labels, listed by image and word."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

_LOGGER = logging.getLogger(__name__)

MAX_LISTED_FAULTS = 50
MAX_LISTED_WARNINGS = 10


class AnnotationError(ValueError):
    """An annotation file that does not hold; the message lists every broken entry by image and word."""


class Place(NamedTuple):
    """Where in labels something is."""

    image: str | None  # None: of the whole file
    word: str | None = None  # its key
    part: str | None = None  # of the entry, such as a key

    def __str__(self) -> str:
        image = None if self.image is None else f"image {self.image!r}"
        word = None if self.word is None else f"word {self.word!r}"
        return ", ".join(filter(None, (image, word, self.part)))


class Fault(NamedTuple):
    """What is wrong at a place."""

    place: Place
    what: str = ""  # empty where the heading of a list says it
    kind: Literal["broken", "outside"] = "broken"

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place), self.what)))


Oddity = Literal["collinear", "ordered", "kept", "ignored", "predicted"]

ODDITIES: dict[Oddity, tuple[str, str]] = {
    "collinear": ("ignored", "words whose points lie on one line"),
    "ordered": ("put in order", "words of four points whose edges cross (row by row instead of around?)"),
    "kept": ("kept", "words whose polygon crosses itself in a small loop"),
    "ignored": ("ignored", "words whose polygon crosses itself"),
    "predicted": ("taken for labels", "images whose words have a confidence, as predictions do"),
}
"""What becomes of odd words or images, and what they are."""


@dataclass
class Notes:
    """What reading has found: faults, and the places of what is odd."""

    faults: list[Fault] = field(default_factory=list)
    odd: dict[Oddity, list[Place]] = field(default_factory=lambda: {kind: [] for kind in ODDITIES})

    def warn(self, path: Path) -> None:
        """One warning for each kind of what is odd."""
        for kind, (done, what) in ODDITIES.items():
            if self.odd[kind]:
                _LOGGER.warning(list_faults(f"{path}: {done}", self.odd[kind], what, listed=MAX_LISTED_WARNINGS))


def list_faults(head: str, faults: Sequence[object], noun: str, *, listed: int = MAX_LISTED_FAULTS) -> str:
    """One message of a line per fault, the first of them: head, their number, noun."""
    lines = [f"{head} {len(faults)} {noun}:", *(f"  {fault}" for fault in faults[:listed])]
    if len(faults) > listed:
        lines.append(f"  … and {len(faults) - listed} more")
    return "\n".join(lines)
