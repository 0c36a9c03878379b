"""Even-odd regions of polygons as sums of strips, in which areas are easily measured."""

from typing import NamedTuple

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.packed import FloatArray, IntArray, PackedPolygons

LEFT, RIGHT, Y_LEFT, Y_RIGHT, SIGN = range(5)
"""Columns of `Strips.edges`."""


class Strips(NamedTuple):
    """N regions, each the sum of the signed strips that reach up from its edges without end.

    Between two neighbouring vertices or crossings, a polygon is a pile of edges that do not cross. Its region lies
    between the first two, the next two and so on: in the strips above the second, the fourth …, which are added, but
    not in those above the first, the third …, which are taken off.
    """

    edges: FloatArray  # (E, 5) x and y of the left and the right end, px, and sign; from left to right in each region
    starts: IntArray  # (N + 1,) region n has the edges starts[n] to starts[n + 1] - 1


def cut_into_strips(polygons: PackedPolygons) -> Strips:
    """Find the edges of the polygons' even-odd regions, however the polygons cross, touch or repeat themselves.

    Args:
        polygons: N polygons, px; one without area may have no edges.
    """
    return Strips(*_cut_into_strips(polygons.points, polygons.starts))


def strip_areas(strips: Strips) -> FloatArray:
    """(N,) areas of the regions, px²."""
    return _strip_areas(strips.edges, strips.starts)


@exact
def height_at(edges: FloatArray, index: int, x: float) -> float:
    """Y of one of the edges (E, 5) at some x between its ends."""
    left, y_left = edges[index, LEFT], edges[index, Y_LEFT]
    slope = (edges[index, Y_RIGHT] - y_left) / (edges[index, RIGHT] - left)
    return float(y_left + slope * (x - left))


@exact
def _strip_areas(edges: FloatArray, starts: IntArray) -> FloatArray:
    areas = np.zeros(len(starts) - 1)
    for region in range(len(areas)):
        for index in range(starts[region], starts[region + 1]):
            base = edges[starts[region], Y_LEFT]  # any height does: it drops out; a near one loses fewest digits
            mean = (edges[index, Y_LEFT] - base + (edges[index, Y_RIGHT] - base)) / 2.0
            areas[region] += edges[index, SIGN] * (edges[index, RIGHT] - edges[index, LEFT]) * mean
    return areas


@exact
def _cut_into_strips(points: FloatArray, starts: IntArray) -> tuple[FloatArray, IntArray]:
    edges = np.empty((4 * len(points), 5))
    first_edges = np.zeros_like(starts)
    for polygon in range(len(starts) - 1):
        sides = _level_edges(points[starts[polygon] : starts[polygon + 1]])
        breaks = np.sort(_find_breaks(sides))
        count = first_edges[polygon]
        for index in range(1, len(breaks)):
            if breaks[index - 1] < breaks[index]:
                if count + len(sides) > len(edges):
                    edges = np.concatenate((edges, np.empty((len(edges) + len(sides), 5))))
                count += _write_pile(sides, breaks[index - 1], breaks[index], edges[count:])
        first_edges[polygon + 1] = count
    return edges[: first_edges[-1]], first_edges


@exact
def _level_edges(polygon: FloatArray) -> FloatArray:
    """(E, 5) the edges of a polygon (K, 2) that are not upright, unsigned."""
    edges = np.zeros((len(polygon), 5))
    count = 0
    for end in range(len(polygon)):
        left, right = (end - 1, end) if polygon[end - 1, 0] < polygon[end, 0] else (end, end - 1)
        if polygon[left, 0] < polygon[right, 0]:
            edges[count, LEFT], edges[count, Y_LEFT] = polygon[left, 0], polygon[left, 1]
            edges[count, RIGHT], edges[count, Y_RIGHT] = polygon[right, 0], polygon[right, 1]
            count += 1
    return edges[:count]


@exact
def _find_breaks(edges: FloatArray) -> FloatArray:
    """X of each end and of each crossing of edges (E, 5), in any order."""
    breaks = np.empty(len(edges) * (len(edges) + 3) // 2)
    count = 0
    for i in range(len(edges)):
        breaks[count], breaks[count + 1] = edges[i, LEFT], edges[i, RIGHT]
        count += 2
        for j in range(i):
            left, right = max(edges[i, LEFT], edges[j, LEFT]), min(edges[i, RIGHT], edges[j, RIGHT])
            if left < right:
                before = height_at(edges, i, left) - height_at(edges, j, left)
                after = height_at(edges, i, right) - height_at(edges, j, right)
                if before * after < 0.0:
                    breaks[count] = left + (right - left) * (before / (before - after))
                    count += 1
    return breaks[:count]


@exact
def _write_pile(polygon: FloatArray, left: float, right: float, pile: FloatArray) -> int:
    """Write what lies of the edges between two neighbouring breaks, from the top down; returns how many there are."""
    count = 0
    for index in range(len(polygon)):
        if polygon[index, LEFT] <= left and right <= polygon[index, RIGHT]:
            y_left, y_right = height_at(polygon, index, left), height_at(polygon, index, right)
            place = count
            while place > 0 and pile[place - 1, Y_LEFT] + pile[place - 1, Y_RIGHT] > y_left + y_right:
                pile[place, Y_LEFT], pile[place, Y_RIGHT] = pile[place - 1, Y_LEFT], pile[place - 1, Y_RIGHT]
                place -= 1
            pile[place, Y_LEFT], pile[place, Y_RIGHT] = y_left, y_right
            count += 1
    for place in range(count):
        pile[place, LEFT], pile[place, RIGHT] = left, right
        pile[place, SIGN] = -1.0 if place % 2 == 0 else 1.0
    return count
