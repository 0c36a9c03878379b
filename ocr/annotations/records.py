"""Which image a sample or map is of, and which could not be read; without torch, so that scoring starts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ocr.geometry import Matrix, Polygon


@dataclass(frozen=True)
class ImageRecord:
    """One image's identity, frame and labels; polygons in original pixels, empty where there are no labels."""

    filename: str
    width_original: int
    height_original: int
    input_to_original: Matrix
    polygons: tuple[Polygon, ...] = ()
    ignore: tuple[bool, ...] = ()


class UnreadableImage(NamedTuple):
    """A file that could not be read, and why."""

    filename: str
    reason: str
