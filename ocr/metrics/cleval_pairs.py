"""CLEval steps 3 and 4: what each pair of a ground truth and a detection shares, in area and in character centres."""

from typing import NamedTuple

import numpy as np
import shapely

from ocr.metrics.cleval_clipping import intersection_areas
from ocr.metrics.cleval_polygons import (
    BoolArray,
    FloatArray,
    GeometryArray,
    IntArray,
    PackedPolygons,
    bounding_boxes,
    repair,
    shoelace_areas,
    touching_boxes,
)


class Inclusions(NamedTuple):
    """Every centre in every detection that holds it, (I,) each: its ground truth, the centre, the detection."""

    word: IntArray
    centre: IntArray
    detection: IntArray

    def counts(self, words: int, detections: int) -> IntArray:
        """N[g, d]: how many centres of ground truth g lie in detection d, (words, detections)."""
        pairs = self.word * detections + self.detection
        return np.bincount(pairs, minlength=words * detections).reshape(words, detections)


def centres_inside(centres: PackedPolygons, detections: PackedPolygons) -> Inclusions:
    """Which centres lie in which detections (step 4).

    Even-odd; of an upright square the left and top edges are inside, the right and bottom ones are not.

    Args:
        centres: the character centres of N ground truths, px.
        detections: M polygons with truncated coordinates, px.
    """
    word, detection = np.nonzero(touching_boxes(bounding_boxes(centres), bounding_boxes(detections)))
    centre = centres.points_of(word)
    word, detection = (np.repeat(side, centres.counts[word]) for side in (word, detection))
    inside = _points_inside(centres.points[centre], detections.padded()[detection])
    return Inclusions(word[inside], centre[inside], detection[inside])


def _points_inside(points: FloatArray, outlines: FloatArray) -> BoolArray:
    """(I,) whether each point (I, 2) lies in its outline (I, K, 2): an odd number of edges runs by on its right."""
    x, y = points[:, :1], points[:, 1:]
    x_start, y_start = outlines[..., 0], outlines[..., 1]
    x_end, y_end = np.roll(x_start, -1, axis=1), np.roll(y_start, -1, axis=1)
    passes = (y_start > y) != (y_end > y)
    rise = np.where(passes, y_end - y_start, 1.0)
    on_the_right = x < (x_end - x_start) * (y - y_start) / rise + x_start
    return np.asarray(np.count_nonzero(passes & on_the_right, axis=1) % 2 == 1, dtype=np.bool_)


def area_precision(
    ground_truth: PackedPolygons, ignored: BoolArray, detections: PackedPolygons, included: IntArray
) -> FloatArray:
    """AP[g, d] = area(g ∩ d) / area(d), for the pairs whose value can matter; 0 for all others (step 3).

    Of a ground truth that counts, only the detections holding one of its centres are ever asked for; an ignored one
    is asked for all, after the ground truths that count have been cut out of it.

    Args:
        ground_truth: N polygons with truncated coordinates, px.
        ignored: (N,) flags.
        detections: M polygons with truncated coordinates, px.
        included: (N, M) centres of g in d.

    Returns:
        (N, M), >= 0; above 1 only where an outline crosses itself.
    """
    near = touching_boxes(bounding_boxes(ground_truth)[ignored], bounding_boxes(detections))
    asked = included > 0
    asked[ignored] |= near
    words, found = np.nonzero(asked)
    precision = np.zeros(asked.shape)
    if len(words) > 0:
        areas = shoelace_areas(detections.padded())[found]
        shared = _shared_areas(ground_truth, ignored, detections, words, found)
        precision[words, found] = np.where(areas > 0, shared, 0.0) / np.where(areas > 0, areas, 1.0)
    return precision


def _shared_areas(
    ground_truth: PackedPolygons, ignored: BoolArray, detections: PackedPolygons, words: IntArray, found: IntArray
) -> FloatArray:
    """(P,) area(g ∩ d) of the pairs; of an ignored g what is left after cutting."""
    of_ignored = ignored[words]
    shared = np.zeros(len(words))
    shared[~of_ignored] = intersection_areas(ground_truth, detections, words[~of_ignored], found[~of_ignored])
    if of_ignored.any():
        regions = _cut_regions(ground_truth, ignored)[words[of_ignored]]
        spots = repair(detections.take(found[of_ignored]).outlines())
        shared[of_ignored] = shapely.area(shapely.intersection(regions, spots))
    return shared


def _cut_regions(ground_truth: PackedPolygons, ignored: BoolArray) -> GeometryArray:
    """(N,) regions of the ground truths, those that count cut out of the ignored ones (step 5)."""
    regions = repair(ground_truth.outlines())
    boxes = bounding_boxes(ground_truth)
    neighbours = touching_boxes(boxes, boxes) & ~ignored
    for index in np.flatnonzero(ignored & neighbours.any(axis=1)):
        regions[index] = shapely.difference(regions[index], shapely.union_all(regions[neighbours[index]]))
    return regions
