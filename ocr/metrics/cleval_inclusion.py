"""CLEval step 4: which character centres lie in which detections."""

from typing import NamedTuple

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.packed import PackedPolygons
from ocr.metrics.scored_polygons import BoolArray, FloatArray, IntArray, bounding_boxes, touching_boxes


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
    """Whether a point lies in a polygon (K, 2): an odd number of edges passes by on its right."""
    inside = False
    for end in range(len(polygon)):
        x_start, y_start = polygon[end - 1, 0], polygon[end - 1, 1]
        x_end, y_end = polygon[end, 0], polygon[end, 1]
        if (y_start > y) != (y_end > y) and x < (x_end - x_start) * (y - y_start) / (y_end - y_start) + x_start:
            inside = not inside
    return inside
