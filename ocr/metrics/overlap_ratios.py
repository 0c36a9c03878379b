"""How much of each other the polygons of two sets cover."""

import numpy as np

from ocr.geometry.packed import PackedPolygons
from ocr.metrics.overlaps import shared_areas
from ocr.metrics.scored_polygons import FloatArray, bounding_boxes, touching_boxes
from ocr.metrics.strips import cut_into_strips, strip_areas


def overlap_ratios(first: PackedPolygons, second: PackedPolygons) -> tuple[FloatArray, FloatArray]:
    """Intersections of all pairs, over their unions and over the areas of the second.

    Args:
        first: N polygons, px.
        second: M polygons, px.

    Returns:
        (N, M) intersection over union, and (N, M) fraction of each second polygon inside each first one; in [0, 1],
        0 where a pair has no area in common.
    """
    near = touching_boxes(bounding_boxes(first), bounding_boxes(second))
    first_strips, second_strips = cut_into_strips(first), cut_into_strips(second)
    shared = shared_areas(first_strips, second_strips, near)
    first_area, second_area = strip_areas(first_strips)[:, None], strip_areas(second_strips)
    some = shared > 0
    ious = shared / np.where(some, first_area + second_area - shared, 1.0)
    return ious, shared / np.where(some, second_area, 1.0)
