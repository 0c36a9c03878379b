"""Edges moved out by a distance until they meet again, for many polygons at once."""

import math
from typing import NamedTuple

import numpy as np

from ocr.geometry.compiled import compiled
from ocr.geometry.measures import crosses_itself, doubled_area, perimeter
from ocr.geometry.packed import BoolArray, FloatArray, IntArray, PackedPolygons

MITRE_LIMIT = 2.0
"""A mitred corner moves at most this many distances; sharper ones (below 60 degrees) are cut off square."""
SHARPEST = 2.0 * math.acos(1.0 / MITRE_LIMIT)
"""The largest turn, in radians, that is mitred."""


class Measures(NamedTuple):
    """Sizes of M polygons: a polygon whose edges move out by d encloses area + perimeter d + gain d²."""

    area: FloatArray  # (M,) px²
    perimeter: FloatArray  # (M,) px
    gain: FloatArray  # (M,) sum of tan(turn / 2) over the corners: 4 for a rectangle, towards pi for a smooth curve


class Moved(NamedTuple):
    """M polygons whose edges have moved."""

    polygons: PackedPolygons
    is_simple: BoolArray  # (M,) False: edges vanish or cross, so that this is not the polygon


def measure_polygons(packed: PackedPolygons) -> Measures:
    """Area, perimeter and what the corners add when the edges move out.

    Args:
        packed: M polygons, either winding; repeated vertices count once.

    Returns:
        (M,) each. The gain is never less than pi; corners beyond the mitre limit count as cut off square. Polygons of
        one or two vertices have no area.
    """
    measured = _measure(packed.points, packed.starts)
    return Measures(measured[:, 0], measured[:, 1], measured[:, 2])


def move_edges_out(packed: PackedPolygons, distances: FloatArray) -> Moved:
    """Move the edges of each polygon outward; corners are mitred, those below 60 degrees cut off square.

    Args:
        packed: M polygons with an area, either winding.
        distances: (M,) px, >= 0.

    Returns:
        The polygons with the winding that they had, and which of them are the offset already: others (a bay closes, a
        short edge vanishes, a vertex comes twice) need the general `offset_polygon`.
    """
    points, starts, is_simple = _move_all(packed.points, packed.starts, distances)
    return Moved(PackedPolygons(points, starts), is_simple)


@compiled
def _edge(points: FloatArray, index: int) -> tuple[float, float, float]:
    """Direction and length of the edge from a vertex to the next one; the direction is (0, 0) where they are one."""
    following = (index + 1) % len(points)
    x, y = points[following, 0] - points[index, 0], points[following, 1] - points[index, 1]
    length = math.sqrt(x * x + y * y)
    return (x / length, y / length, length) if length > 0.0 else (0.0, 0.0, 0.0)


@compiled
def _measure(points: FloatArray, starts: IntArray) -> FloatArray:
    """(M, 3): area, perimeter, gain."""
    measured = np.zeros((len(starts) - 1, 3))
    for index in range(len(measured)):
        polygon = points[starts[index] : starts[index + 1]]
        doubled = doubled_area(polygon)
        measured[index, 0], measured[index, 1] = abs(doubled) / 2.0, perimeter(polygon)
        gain, last_x, last_y = 0.0, 0.0, 0.0
        for _ in range(2):  # the first round finds the edge before the first one
            gain = 0.0
            for first in range(len(polygon)):
                x, y, length = _edge(polygon, first)
                if length > 0.0:
                    turn = math.atan2(last_x * y - last_y * x, last_x * x + last_y * y)
                    gain += _corner_gain(turn if doubled > 0.0 else -turn)
                    last_x, last_y = x, y
        measured[index, 2] = max(gain, math.pi)
    return measured


@compiled
def _corner_gain(turn: float) -> float:
    """What a corner adds; `turn` in radians is positive where the polygon is convex."""
    if turn > SHARPEST:
        return 2.0 * math.tan(turn / 4.0)
    return math.tan(max(turn, -SHARPEST) / 2.0)


@compiled
def _move_all(points: FloatArray, starts: IntArray, distances: FloatArray) -> tuple[FloatArray, IntArray, BoolArray]:
    """Moved vertices, where each polygon starts among them, and whether it is simple."""
    moved, moved_starts = np.empty((2 * len(points), 2)), np.zeros(len(starts), np.int64)
    is_simple = np.zeros(len(distances), np.bool_)
    for index in range(len(distances)):
        start = moved_starts[index]
        polygon = points[starts[index] : starts[index + 1]]
        count = _move(polygon, distances[index], moved[start : start + 2 * len(polygon)])
        is_simple[index] = count > 0 and not crosses_itself(moved[start : start + count])
        moved_starts[index + 1] = start + count
    return moved[: moved_starts[-1]], moved_starts, is_simple


@compiled
def _move(polygon: FloatArray, distance: float, moved: FloatArray) -> int:
    """Write one polygon's moved vertices and return how many; 0 where an edge has no direction or turns round."""
    outward = distance if doubled_area(polygon) > 0.0 else -distance
    count = 0
    in_x, in_y, length = _edge(polygon, len(polygon) - 1)
    for index in range(len(polygon)):
        out_x, out_y, out_length = _edge(polygon, index)
        added = _move_corner(polygon[index], in_x, in_y, out_x, out_y, outward, moved[count:])
        turns_round = index > 0 and not _runs_along(moved, count - 1, count, in_x, in_y)
        if added == 0 or turns_round or length == 0.0:
            return 0
        count += added
        in_x, in_y, length = out_x, out_y, out_length
    return count if _runs_along(moved, count - 1, 0, in_x, in_y) else 0


@compiled
def _move_corner(
    corner: FloatArray, in_x: float, in_y: float, out_x: float, out_y: float, outward: float, moved: FloatArray
) -> int:
    """Write the one or two vertices that a corner becomes and return how many; 0 where it is too sharp a bay.

    (in_x, in_y) and (out_x, out_y) are the directions of its edges; `outward` is the distance, negative where the
    polygon runs counter-clockwise on screen.
    """
    aligned, turn = in_x * out_x + in_y * out_y, in_x * out_y - in_y * out_x
    if 1.0 + aligned >= 2.0 / MITRE_LIMIT**2:
        reach = outward / (1.0 + aligned)
        moved[0, 0] = corner[0] + reach * (in_y + out_y)
        moved[0, 1] = corner[1] - reach * (in_x + out_x)
        return 1
    if turn * outward < 0.0:
        return 0
    reach = abs(outward) * math.tan(math.atan2(abs(turn), aligned) / 4.0)
    moved[0, 0] = corner[0] + outward * in_y + reach * in_x
    moved[0, 1] = corner[1] - outward * in_x + reach * in_y
    moved[1, 0] = corner[0] + outward * out_y - reach * out_x
    moved[1, 1] = corner[1] - outward * out_x - reach * out_y
    return 2


@compiled
def _runs_along(points: FloatArray, first: int, second: int, x: float, y: float) -> bool:
    """Whether the way from one point to another one goes in the direction (x, y)."""
    return bool((points[second, 0] - points[first, 0]) * x + (points[second, 1] - points[first, 1]) * y > 0.0)
