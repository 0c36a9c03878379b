"""CLEval steps 3 and 5: which fraction of a detection's area lies in a ground truth."""

import numpy as np
import numpy.typing as npt
import shapely

from ocr.geometry.packed import PackedPolygons, pick_polygons
from ocr.metrics.overlaps import shared_areas
from ocr.metrics.scored_polygons import BoolArray, FloatArray, IntArray, bounding_boxes, polygon_areas, touching_boxes
from ocr.metrics.strips import cut_into_strips


def area_precision(
    ground_truth: PackedPolygons, ignored: BoolArray, detections: PackedPolygons, included: IntArray
) -> FloatArray:
    """AP[g, d] = area(g ∩ d) / area(d), for the pairs whose value can matter; 0 for all others (steps 3 and 5).

    Of a ground truth that counts, only the detections holding one of its centres are ever asked for; an ignored one
    is asked for all, after the ground truths that count have been cut out of it.

    Args:
        ground_truth: N polygons with truncated coordinates, px.
        ignored: (N,) flags.
        detections: M polygons with truncated coordinates, px.
        included: (N, M) centres of g in d.

    Returns:
        (N, M), >= 0; above 1 only where a polygon crosses itself.
    """
    asked = included > 0
    shared = np.zeros(asked.shape)
    words_strips, found_strips = cut_into_strips(ground_truth), cut_into_strips(detections)
    if ignored.any():
        boxes = bounding_boxes(ground_truth)
        asked[ignored] |= touching_boxes(boxes[ignored], bounding_boxes(detections))
        near = touching_boxes(boxes, boxes) & ignored[:, None] & ~ignored
        cut = shared_areas(words_strips, words_strips, near) > 0
        for index in np.flatnonzero(cut.any(axis=1) & asked.any(axis=1)):
            found = np.flatnonzero(asked[index])
            shared[index, found] = _areas_beside(
                pick_polygons(ground_truth, np.array([index])),
                pick_polygons(ground_truth, np.flatnonzero(cut[index])),
                pick_polygons(detections, found),
            )
            asked[index] = False
    shared += shared_areas(words_strips, found_strips, asked)
    areas = polygon_areas(detections)
    return np.where(areas > 0, shared, 0.0) / np.where(areas > 0, areas, 1.0)


def _areas_beside(ignored: PackedPolygons, words: PackedPolygons, detections: PackedPolygons) -> FloatArray:
    """(M,) areas, px², of detections inside one ignored ground truth, after `words` have been cut out of it."""
    left = shapely.difference(_regions(ignored), shapely.union_all(_regions(words)))
    return np.asarray(shapely.area(shapely.intersection(left, _regions(detections))), dtype=np.float64)


def _regions(polygons: PackedPolygons) -> npt.NDArray[np.object_]:
    """(N,) valid shapely regions: even-odd where a polygon crosses itself, empty where it is collinear."""
    owners = np.repeat(np.arange(len(polygons.starts) - 1), np.diff(polygons.starts))
    regions = np.asarray(shapely.polygons(shapely.linearrings(polygons.points, indices=owners)), dtype=np.object_)
    broken = ~shapely.is_valid(regions)
    regions[broken] = shapely.buffer(shapely.make_valid(regions[broken]), 0.0)  # the buffer drops lines and points
    return regions
