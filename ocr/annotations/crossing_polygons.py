"""Labelled polygons that cross themselves: four points are put in order, of others it is decided whether they train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from ocr.geometry.compiled import compiled
from ocr.geometry.measures import MAX_CROSSINGS, crosses_itself, has_more_crossings
from ocr.geometry.packed import BoolArray, FloatArray, IntArray, pack_polygons
from ocr.geometry.polygons import Polygon, at_least_four, drop_repeated, has_one_lobe, order_clockwise
from ocr.geometry.rectangles import convex_hull

Remedy = Literal["ordered", "kept", "ignored"]


class RepairedPolygon(NamedTuple):
    """What becomes of a polygon that crosses itself."""

    polygon: Polygon  # (K, 2) float32
    remedy: Remedy  # `ordered`: its hull, clockwise; `kept`: with a small loop only; `ignored`: more than one lobe


def find_crossing(polygons: Sequence[Polygon]) -> list[int]:
    """Which polygons cross themselves; touching is not crossing.

    Args:
        polygons: (K, 2) each.

    Returns:
        Their indices, in order.
    """
    if not polygons:
        return []
    packed = pack_polygons(polygons)
    return [int(index) for index in np.flatnonzero(_flag_crossing(packed.points, packed.starts))]


def repair_polygon(polygon: Polygon) -> RepairedPolygon:
    """Decide what a polygon that crosses itself means.

    Four points in any order have one hull, which is the word: tools write them row by row (top-left, top-right,
    bottom-left, bottom-right). More points have no such order to go by: where one lobe is all but a tenth of the area,
    the polygon has a small loop and means that lobe; else nobody knows, and the word is ignored. With more than
    500 crossings the ignored region is the hull: what such a polygon encloses takes minutes to find out.

    Args:
        polygon: (K, 2) float32, K >= 4.
    """
    points = drop_repeated(polygon)
    if len(points) == 4:
        hull = convex_hull(points.astype(np.float64))
        if len(hull) == 4:
            return RepairedPolygon(order_clockwise(hull.astype(np.float32)), "ordered")
    if has_too_many_crossings(polygon):
        return RepairedPolygon(at_least_four(convex_hull(polygon.astype(np.float64)).astype(np.float32)), "ignored")
    return RepairedPolygon(polygon, "kept" if has_one_lobe(polygon) else "ignored")


def has_too_many_crossings(polygon: Polygon) -> bool:
    """Whether a polygon crosses itself so often, more than 500 times, that nothing can be computed of it.

    Args:
        polygon: (K, 2).
    """
    return len(polygon) ** 2 > 2 * MAX_CROSSINGS and has_more_crossings(polygon.astype(np.float64), MAX_CROSSINGS)


@compiled
def _flag_crossing(points: FloatArray, starts: IntArray) -> BoolArray:
    flags = np.zeros(len(starts) - 1, np.bool_)
    for i in range(len(flags)):
        flags[i] = crosses_itself(points[starts[i] : starts[i + 1]])
    return flags
