"""The words of an image, as people label them and as prediction files hold them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ocr.geometry.polygons import Polygon

Size = tuple[int, int]
"""Width and height of an image, px."""
UNREADABLE = "###"
"""Transcription of a word that cannot be read, which is ignored."""


class Word(NamedTuple):
    """A labelled or predicted word."""

    polygon: Polygon  # (K, 2) float32, K >= 4, original pixels, inside the image where its size is known
    ignore: bool = False  # counts neither in losses nor in metrics
    id: str = ""  # its key in the file
    text: str = ""
    score: float | None = None  # confidence in [0, 1] of a prediction; None where the file gives none


@dataclass(frozen=True, eq=False)
class ImageAnnotation:
    """The words of one image.

    Attributes:
        filename: the image's name below its folder.
        width: width of the image as displayed, px; None where the file does not say.
        height: height of the image as displayed, px; None where the file does not say.
        words: in the file's order.
    """

    filename: str
    width: int | None = None
    height: int | None = None
    words: tuple[Word, ...] = ()

    @property
    def size(self) -> Size | None:
        """Width and height as displayed, px; None where the file does not say both."""
        return (self.width, self.height) if self.width and self.height else None

    @cached_property
    def polygons(self) -> tuple[Polygon, ...]:
        """One for each word."""
        return tuple(word.polygon for word in self.words)

    @cached_property
    def ignore(self) -> tuple[bool, ...]:
        """One flag for each word."""
        return tuple(word.ignore for word in self.words)

    @cached_property
    def readable(self) -> tuple[Polygon, ...]:
        """The polygons of words that are not ignored."""
        return tuple(word.polygon for word in self.words if not word.ignore)

    @property
    def scores(self) -> tuple[float, ...] | None:
        """One for each word; None where no word has one."""
        return tuple(word.score for word in self.words if word.score is not None) or None
