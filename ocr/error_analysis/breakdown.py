"""Where errors are: by the words' height, aspect, slant and place in the image, and by its split."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ocr.error_analysis.kinds import FALSE_KINDS, MISSED_KINDS, Kind
from ocr.error_analysis.word_frame import WordFrame
from ocr.geometry.polygons import Polygon


class Scale:
    """Ranges of a trait, `under 8 px`, `8 to 12 px`, …, `from 96 px`; the lower edge belongs to a range."""

    def __init__(self, edges: Sequence[int], unit: str) -> None:
        between = [f"{low} to {high}{unit}" for low, high in pairwise(edges)]
        self.edges = edges
        self.names = [f"under {edges[0]}{unit}", *between, f"from {edges[-1]}{unit}"]

    def name(self, value: float) -> str:
        """The range that a value is in."""
        return self.names[bisect_right(self.edges, value)]


HEIGHTS = Scale((8, 12, 16, 24, 32, 48, 64, 96), " px")
ASPECTS = Scale((1, 2, 4, 8, 16), " : 1")
SLANTS = Scale((2, 5, 10, 20, 45), "°")
POSITIONS = tuple(f"{row} {column}" for row in ("top", "middle", "bottom") for column in ("left", "centre", "right"))


@dataclass
class Slice:
    """Words, detections and errors of one range of a trait.

    Attributes:
        words: readable ones.
        detections: those that count.
        missed: words by kind of error.
        false: detections by kind of error.
    """

    words: int = 0
    detections: int = 0
    missed: Counter[Kind] = field(default_factory=Counter)
    false: Counter[Kind] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "words": self.words,
            "detections": self.detections,
            "missed": {kind: self.missed[kind] for kind in MISSED_KINDS},
            "false": {kind: self.false[kind] for kind in FALSE_KINDS},
        }


Breakdown = Mapping[str, Mapping[str, Slice]]
"""Slices by trait and by name, in order; only those that have a word or a detection."""


def slice_names(frame: WordFrame, polygon: Polygon, size: tuple[float, float], split: str) -> dict[str, str]:
    """The slice that a word or a detection belongs to, for each trait.

    Args:
        frame: of the polygon.
        polygon: (K, 2), px.
        size: width and height of its image, px; its place is that of its upright box's middle, in thirds.
        split: of the image.
    """
    middle = (polygon.min(axis=0) + polygon.max(axis=0)) / 2
    column, row = (min(max(int(3 * at / side), 0), 2) if side else 1 for at, side in zip(middle, size, strict=True))
    return {
        "height": HEIGHTS.name(frame.height),
        "aspect": ASPECTS.name(frame.aspect),
        "slant": SLANTS.name(frame.slant),
        "position": POSITIONS[3 * row + column],
        "part": split,
    }


def ordered(slices: Mapping[tuple[str, str], Slice], splits: Iterable[str]) -> Breakdown:
    """Slices by trait, in the order of their ranges; without the splits where there is only one."""
    splits = list(splits)
    names = {
        "height": HEIGHTS.names,
        "aspect": ASPECTS.names,
        "slant": SLANTS.names,
        "position": POSITIONS,
        "part": splits if len(splits) > 1 else (),
    }
    return {
        trait: {name: slices[trait, name] for name in ranges if (trait, name) in slices}
        for trait, ranges in names.items()
        if ranges
    }
