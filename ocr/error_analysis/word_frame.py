"""A word in its own frame: how large it is, how it is slanted, and how far another polygon goes beyond its sides."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.packed import FloatArray, pack_polygons
from ocr.geometry.rectangles import minimum_area_rectangles


class Sides(NamedTuple):
    """A number for each side as a reader of the word sees it; px, or fractions of the word's height."""

    left: float
    top: float
    right: float
    bottom: float


class WordFrame(NamedTuple):
    """The smallest rectangle along the reading direction that holds a polygon."""

    direction: FloatArray  # (2,) unit vector
    sides: Sides  # px: left and right along the direction, top and bottom across it

    @property
    def width(self) -> float:
        """Along the reading direction, px."""
        return self.sides.right - self.sides.left

    @property
    def height(self) -> float:
        """Across the reading direction, px."""
        return self.sides.bottom - self.sides.top

    @property
    def aspect(self) -> float:
        """Width over height; 0 where it has no height."""
        return self.width / self.height if self.height else 0.0

    @property
    def slant(self) -> float:
        """How far the reading direction is from horizontal, degrees in [0, 180]; 180 is upside down."""
        return math.degrees(abs(math.atan2(self.direction[1], self.direction[0])))

    def bias(self, other: npt.NDArray[np.floating]) -> Sides:
        """How far another polygon (K, 2) goes beyond each side, px; negative where it falls short."""
        own, its = self.sides, _extent(other, self.direction)
        return Sides(own.left - its.left, own.top - its.top, its.right - own.right, its.bottom - own.bottom)


def label_frame(polygon: npt.NDArray[np.floating]) -> WordFrame:
    """The frame of a label (K, 2), px, K >= 1, which runs clockwise from the word's top-left corner.

    Its reading direction goes from the middle of the first and the last point to the middle of the two points halfway;
    from left to right where these do not tell.
    """
    points = np.asarray(polygon, dtype=np.float64)
    half = len(points) // 2
    start, end = (points[0] + points[-1]) / 2, (points[half - 1] + points[half]) / 2
    length = math.hypot(*(end - start))
    direction = (end - start) / length if length else np.array([1.0, 0.0])
    return WordFrame(direction, _extent(points, direction))


def detection_frame(polygon: npt.NDArray[np.floating]) -> WordFrame:
    """The frame of a detection (K, 2), px, K >= 1, whose points tell no direction.

    It is read from left to right along the side of its minimum-area rectangle that is closest to horizontal.
    """
    points = np.asarray(polygon, dtype=np.float64)
    x, y = minimum_area_rectangles(pack_polygons([points])).direction[0]
    direction = np.array([x, y] if abs(x) >= abs(y) else [-y, x])
    direction *= 1.0 if direction[0] > 0 else -1.0
    return WordFrame(direction, _extent(points, direction))


def _extent(points: npt.NDArray[np.floating], direction: FloatArray) -> Sides:
    along, across = points @ direction, points @ np.array([-direction[1], direction[0]])
    return Sides(float(along.min()), float(across.min()), float(along.max()), float(across.max()))
