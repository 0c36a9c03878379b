"""The shapes that label formats have, in their own units: polygons, boxes that may be rotated, ellipses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ocr.geometry.packed import FloatArray

ELLIPSE_CORNERS = 32


class Points(NamedTuple):
    """A polygon."""

    points: FloatArray  # (K, 2)

    def corners(self, width: float, height: float) -> FloatArray:
        """(K, 2) px of a polygon whose unit is `width` by `height` px."""
        return self.points * (width, height)


class Box(NamedTuple):
    """A rectangle, rotated clockwise about its upper-left corner or its centre, after it was scaled to pixels."""

    left: float
    top: float
    width: float
    height: float
    degrees: float = 0.0
    about_centre: bool = False

    @property
    def is_upright(self) -> bool:
        """Whether it is not rotated."""
        return self.degrees % 360 == 0

    def corners(self, width: float, height: float) -> FloatArray:
        """(4, 2) px, clockwise from the upper-left corner before rotation; arguments as for `Points`."""
        size = np.array([self.width * width, self.height * height])
        pivot = size / 2 if self.about_centre else np.zeros(2)
        relative = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]) * size - pivot
        corner = np.array((self.left * width, self.top * height))
        corners: FloatArray = _rotated(relative, self.degrees) + pivot + corner
        return corners


class Ellipse(NamedTuple):
    """An ellipse, rotated clockwise about its centre after it was scaled to pixels."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    degrees: float = 0.0

    def corners(self, width: float, height: float) -> FloatArray:
        """(32, 2) px, clockwise from -135 degrees; arguments as for `Points`."""
        angles = np.radians(-135.0 + 360.0 / ELLIPSE_CORNERS * np.arange(ELLIPSE_CORNERS))
        radii = (self.radius_x * width, self.radius_y * height)
        relative = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii
        corners: FloatArray = _rotated(relative, self.degrees) + np.array((self.x * width, self.y * height))
        return corners


Shape = Points | Box | Ellipse


def box_of_size(values: Iterable[float], degrees: float = 0.0, *, about_centre: bool = False) -> Box:
    """A box by left, top, width and height.

    Raises:
        ValueError: if a side is negative, or these are not four.
    """
    left, top, width, height = values
    if width < 0 or height < 0:
        raise ValueError(f"expected a width and height >= 0, got {width:g} and {height:g}")
    return Box(left, top, width, height, degrees, about_centre)


def box_of_corners(values: Iterable[float], degrees: float = 0.0, *, about_centre: bool = False) -> Box:
    """A box by left, top, right and bottom.

    Raises:
        ValueError: if they are the wrong way round, or not four.
    """
    left, top, right, bottom = values
    if right < left or bottom < top:
        raise ValueError(
            f"expected left <= right and top <= bottom, got {left:g}, {top:g}, {right:g}, {bottom:g} "
            "(width and height taken for a corner?)"
        )
    return Box(left, top, right - left, bottom - top, degrees, about_centre)


def _rotated(relative: FloatArray, degrees: float) -> FloatArray:
    """Points rotated clockwise on screen about (0, 0); whole quarters exactly."""
    quarters, rest = divmod(degrees % 360, 90)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if rest == 0:
        cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters)]
    x, y = relative.T
    return np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=1)
