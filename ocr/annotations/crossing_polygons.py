"""Labelled polygons that cross themselves: four points are put in order, of others it is decided whether they train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled
from ocr.geometry.distance_field import Vertices, crosses_itself, is_tangled
from ocr.geometry.packed import pack_polygons
from ocr.geometry.polygons import MAX_CROSSINGS, Polygon, has_one_lobe, order_clockwise

Remedy = Literal["ordered", "kept", "ignored"]


class MendedPolygon(NamedTuple):
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


def mend_polygon(polygon: Polygon) -> MendedPolygon:
    """Decide what a polygon that crosses itself means.

    Four points in any order have one hull, which is the word: tools write them row by row (top-left, top-right,
    bottom-left, bottom-right). More points have no such order to go by: where one lobe is all but a tenth of the area,
    the polygon has a small loop and means that lobe; else nobody knows, and the word is ignored. With more than
    500 crossings the ignored region is the hull: what such a polygon encloses takes minutes to find out.

    Args:
        polygon: (K, 2) float32, K >= 4.
    """
    points = _drop_repeated(polygon)
    if len(points) == 4:
        hull = np.asarray(cv2.convexHull(points), dtype=np.float32).reshape(-1, 2)
        if len(hull) == 4:
            return MendedPolygon(order_clockwise(hull), "ordered")
    if is_too_tangled(polygon):
        return MendedPolygon(_hull(polygon), "ignored")
    return MendedPolygon(polygon, "kept" if has_one_lobe(polygon) else "ignored")


def is_too_tangled(polygon: Polygon) -> bool:
    """Whether a polygon crosses itself so often, more than 500 times, that nothing can be computed of it.

    Args:
        polygon: (K, 2).
    """
    return len(polygon) ** 2 > 2 * MAX_CROSSINGS and is_tangled(polygon.astype(np.float64), MAX_CROSSINGS)


def _hull(polygon: Polygon) -> Polygon:
    """(K', 2) float32, K' >= 4: the convex hull, of a triangle with the middle of an edge."""
    hull = np.asarray(cv2.convexHull(polygon), dtype=np.float32).reshape(-1, 2)
    return hull if len(hull) > 3 else np.insert(hull, 1, (hull[0] + hull[1]) / 2, axis=0)


def _drop_repeated(polygon: Polygon) -> Polygon:
    """Without points equal to the one before, a closing point included."""
    distinct: Polygon = polygon[np.any(polygon != np.roll(polygon, 1, axis=0), axis=1)]
    return distinct


@compiled
def _flag_crossing(points: Vertices, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    flags = np.zeros(len(starts) - 1, np.bool_)
    for i in range(len(flags)):
        flags[i] = crosses_itself(points[starts[i] : starts[i + 1]])
    return flags
