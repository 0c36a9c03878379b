"""The rectangle of least area around each of many point sets."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import exact
from ocr.geometry.packed import PackedPolygons

TIE = 1e-9
"""Areas that differ by a smaller fraction are equal: rounding does not choose."""
Points = npt.NDArray[np.float64]


class Rectangles(NamedTuple):
    """M rectangles, tilted by any angle, in the unit of the points that they enclose."""

    center: npt.NDArray[np.float64]  # (M, 2)
    size: npt.NDArray[np.float64]  # (M, 2) along `direction` and across it, >= 0
    direction: npt.NDArray[np.float64]  # (M, 2) unit vector


def minimum_area_rectangles(packed: PackedPolygons) -> Rectangles:
    """Enclose each polygon in the rectangle of least area.

    Args:
        packed: M sets of one or more points; their order does not matter.

    Returns:
        One rectangle each: of several least ones that whose side comes first, from the leftmost corner on. Points on a
        line have a size of 0 across; one single point has size 0 and direction (1, 0).

    Source:
        Freeman and Shapira, CACM 1975: one of its sides lies on a side of the convex hull.
    """
    fitted = _fit_rectangles(packed.points, packed.starts)
    return Rectangles(fitted[:, 0:2], fitted[:, 2:4], fitted[:, 4:6])


@exact
def _fit_rectangles(points: Points, starts: npt.NDArray[np.int64]) -> Points:
    """(M, 6): centre, size and direction of the rectangles."""
    fitted = np.empty((len(starts) - 1, 6))
    hull = np.empty((len(points) + 1, 2))
    for index in range(len(fitted)):
        count = _wrap(points[starts[index] : starts[index + 1]], hull)
        _fit(hull[:count], fitted[index])
    return fitted


@exact
def _wrap(points: Points, hull: Points) -> int:
    """Write the corners of the convex hull, in turn, and return how many there are (gift wrapping)."""
    first = 0
    for index in range(1, len(points)):
        x, y = points[index, 0], points[index, 1]
        if x < points[first, 0] or (x == points[first, 0] and y < points[first, 1]):
            first = index
    current, count = first, 0
    while count < len(points):
        hull[count, 0], hull[count, 1] = points[current, 0], points[current, 1]
        count += 1
        following = first
        to_x, to_y = points[first, 0] - points[current, 0], points[first, 1] - points[current, 1]
        for index in range(len(points)):
            x, y = points[index, 0] - points[current, 0], points[index, 1] - points[current, 1]
            side = to_x * y - to_y * x
            if side < 0.0 or (side == 0.0 and x * x + y * y > to_x * to_x + to_y * to_y):
                following, to_x, to_y = index, x, y
        if points[following, 0] == points[first, 0] and points[following, 1] == points[first, 1]:
            break
        current = following
    return count


@exact
def _fit(hull: Points, fitted: npt.NDArray[np.float64]) -> None:
    """Write centre, size and direction of the least rectangle with a side on one of the hull's sides."""
    fitted[0], fitted[1], fitted[2], fitted[3], fitted[4], fitted[5] = hull[0, 0], hull[0, 1], 0.0, 0.0, 1.0, 0.0
    least = -1.0
    for first in range(len(hull) if len(hull) > 1 else 0):
        second = (first + 1) % len(hull)
        along_x, along_y = hull[second, 0] - hull[first, 0], hull[second, 1] - hull[first, 1]
        length = math.sqrt(along_x * along_x + along_y * along_y)
        along_x, along_y = along_x / length, along_y / length
        start = end = low = high = 0.0  # as seen from the side's first point
        for index in range(len(hull)):
            x, y = hull[index, 0] - hull[first, 0], hull[index, 1] - hull[first, 1]
            along, across = x * along_x + y * along_y, y * along_x - x * along_y
            start, end = min(start, along), max(end, along)
            low, high = min(low, across), max(high, across)
        area = (end - start) * (high - low)
        if least < 0.0 or area < least * (1.0 - TIE):
            least = area
            middle, height = (start + end) / 2.0, (low + high) / 2.0
            fitted[0] = hull[first, 0] + middle * along_x - height * along_y
            fitted[1] = hull[first, 1] + middle * along_y + height * along_x
            fitted[2], fitted[3], fitted[4], fitted[5] = end - start, high - low, along_x, along_y
