"""CLEval steps 3 to 5: which centres of each ground truth, and what part of its own area, a detection covers."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ocr.geometry.compiled import exact
from ocr.geometry.measures import bounding_boxes, polygon_areas, touching_boxes
from ocr.geometry.packed import BoolArray, FloatArray, IntArray, PackedPolygons, pick_polygons
from ocr.metrics.overlaps import shared_areas
from ocr.metrics.strips import cut_into_strips


class Inclusions(NamedTuple):
    """Which of the C character centres of N ground truths lie in which of M detections."""

    centres: BoolArray  # (C, M), the ground truths' centres one after the other
    counts: IntArray  # (N, M) centres of ground truth g in detection d: N[g, d]
    words: IntArray  # (C,) the ground truth of each centre

    def centres_in(self, pairs: BoolArray) -> int:
        """How many centres lie in one detection at least that is paired, (N, M), with their ground truth."""
        return int((self.centres & pairs[self.words]).any(axis=1).sum())


def centres_inside(centres: PackedPolygons, detections: PackedPolygons) -> Inclusions:
    """Which centres lie in which detections (step 4).

    Even-odd; of an upright square the left and top edges are inside, the right and bottom ones are not.

    Args:
        centres: the C character centres of N ground truths, px.
        detections: M polygons with truncated coordinates, px.
    """
    near = touching_boxes(bounding_boxes(centres), bounding_boxes(detections))
    inside = np.zeros((len(centres.points), near.shape[1]), dtype=np.bool_)
    counts = np.zeros(near.shape, dtype=np.int64)
    _find_inside(centres.points, centres.starts, detections.points, detections.starts, near, inside, counts)
    return Inclusions(inside, counts, np.repeat(np.arange(len(near)), np.diff(centres.starts)))


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
        overlaid = shared_areas(words_strips, words_strips, near) > 0
        for index in np.flatnonzero(overlaid.any(axis=1) & asked.any(axis=1)):
            found = np.flatnonzero(asked[index])
            shared[index, found] = _areas_beside(
                pick_polygons(ground_truth, np.array([index])),
                pick_polygons(ground_truth, np.flatnonzero(overlaid[index])),
                pick_polygons(detections, found),
            )
            asked[index] = False
    shared += shared_areas(words_strips, found_strips, asked)
    areas = polygon_areas(detections)
    return np.where(areas > 0, shared, 0.0) / np.where(areas > 0, areas, 1.0)


@exact
def _find_inside(
    centres: FloatArray,
    centre_starts: IntArray,
    points: FloatArray,
    starts: IntArray,
    near: BoolArray,
    inside: BoolArray,
    counts: IntArray,
) -> None:
    """Write `inside` and `counts` of `Inclusions`, both 0 before."""
    for word, detection in np.ndindex(near.shape):
        if near[word, detection]:
            polygon = points[starts[detection] : starts[detection + 1]]
            for centre in range(centre_starts[word], centre_starts[word + 1]):
                if _is_inside(centres[centre, 0], centres[centre, 1], polygon):
                    inside[centre, detection] = True
                    counts[word, detection] += 1


@exact
def _is_inside(x: float, y: float, polygon: FloatArray) -> bool:
    """Whether a point lies in a polygon (K, 2): an odd number of edges passes by on its right.

    Beside the metric, whose order of operations decides of points on an edge; the training maps go by rows of pixels.
    """
    inside = False
    for end in range(len(polygon)):
        x_start, y_start = polygon[end - 1, 0], polygon[end - 1, 1]
        x_end, y_end = polygon[end, 0], polygon[end, 1]
        if (y_start > y) != (y_end > y) and x < (x_end - x_start) * (y - y_start) / (y_end - y_start) + x_start:
            inside = not inside
    return inside


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
