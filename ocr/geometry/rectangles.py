"""Convex hulls, and the rectangle of least area around each of many polygons."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from ocr.geometry.compiled import exact, without_numba
from ocr.geometry.packed import FloatArray, IntArray, PackedPolygons

TIE = 1e-9
"""Areas that differ by a smaller fraction are equal: rounding does not choose."""


class Rectangles(NamedTuple):
    """M rectangles, tilted by any angle, in the unit of the points that they enclose."""

    center: FloatArray  # (M, 2)
    size: FloatArray  # (M, 2) along `direction` and across it, >= 0
    direction: FloatArray  # (M, 2) unit vector


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


def fit_with_opencv(points: FloatArray, starts: IntArray) -> FloatArray:
    """`_fit_rectangles` with OpenCV's hull, and all sides of a hull tried at once."""
    fitted = np.empty((len(starts) - 1, 6))
    for index in range(len(fitted)):
        polygon = points[starts[index] : starts[index + 1]]
        corners = cv2.convexHull(polygon.astype(np.float32), returnPoints=False)[:, 0]
        hull = polygon[corners]
        first = np.lexsort((hull[:, 1], hull[:, 0]))[0]
        fitted[index] = _try_sides(np.concatenate((hull[first:], hull[:first])))
    return fitted


def _try_sides(hull: FloatArray) -> tuple[float, ...]:
    """Centre, size and direction as `_fit` finds them."""
    if len(hull) == 1:
        return *hull[0], 0.0, 0.0, 1.0, 0.0
    sides = np.concatenate((hull[1:], hull[:1])) - hull
    x, y = (sides / np.sqrt((sides * sides).sum(axis=1, keepdims=True))).T
    far_x, far_y = (hull - hull[:, None]).transpose(2, 0, 1)  # [side, corner], as seen from the side's first point
    along, across = far_x * x[:, None] + far_y * y[:, None], far_y * x[:, None] - far_x * y[:, None]
    start, end, low, high = along.min(axis=1), along.max(axis=1), across.min(axis=1), across.max(axis=1)
    areas = (end - start) * (high - low)
    best = np.argmax(areas <= areas.min() * (1.0 + TIE))
    middle, height = (start[best] + end[best]) / 2.0, (low[best] + high[best]) / 2.0
    center = hull[best] + (middle * x[best] - height * y[best], middle * y[best] + height * x[best])
    return *center, end[best] - start[best], high[best] - low[best], x[best], y[best]


@without_numba(fit_with_opencv)
@exact
def _fit_rectangles(points: FloatArray, starts: IntArray) -> FloatArray:
    """(M, 6): centre, size and direction of the rectangles."""
    fitted = np.empty((len(starts) - 1, 6))
    for index in range(len(fitted)):
        _fit(convex_hull(points[starts[index] : starts[index + 1]]), fitted[index])
    return fitted


@exact
def convex_hull(points: FloatArray) -> FloatArray:
    """Corners of the convex hull of (K, 2) points, K >= 1, in turn, by gift wrapping; points on an edge are none.

    Returns:
        (H, 2), clockwise on screen from the leftmost point (of several, the uppermost); H is 2 for points on a line
        and 1 for a single point.
    """
    first = 0
    for index in range(1, len(points)):
        x, y = points[index, 0], points[index, 1]
        if x < points[first, 0] or (x == points[first, 0] and y < points[first, 1]):
            first = index
    hull = np.empty((len(points), 2))
    current = first
    for count in range(len(points)):
        x, y = points[current, 0], points[current, 1]
        hull[count, 0], hull[count, 1] = x, y
        following, to_x, to_y = first, points[first, 0] - x, points[first, 1] - y
        for index in range(len(points)):
            far_x, far_y = points[index, 0] - x, points[index, 1] - y
            side = to_x * far_y - to_y * far_x
            if side < 0.0 or (side == 0.0 and far_x * far_x + far_y * far_y > to_x * to_x + to_y * to_y):
                following, to_x, to_y = index, far_x, far_y
        if points[following, 0] == points[first, 0] and points[following, 1] == points[first, 1]:
            break
        current = following
    return hull[: count + 1]


@exact
def _fit(hull: FloatArray, fitted: FloatArray) -> None:
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
