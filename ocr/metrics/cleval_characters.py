"""CLEval steps 1 and 2: the aspect ratio of a polygon gives its number of characters."""

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.packed import PackedPolygons
from ocr.metrics.hull_rectangles import (
    AREA_TIE,
    EPSILON,
    aspect_ratio_by_qhull,
    convex_hull,
    edge_rectangles,
    is_clear,
    is_upright_rectangle,
    upright_ratio,
)
from ocr.metrics.scored_polygons import FloatArray, IntArray

MAX_CHARACTERS = 100.0
UNDECIDED = -1


@exact
def word_characters(aspect_ratio: float) -> float:
    """Pseudo-characters of a ground truth, whichever way it runs (step 2)."""
    longer = max(aspect_ratio, 1.0 / (aspect_ratio + EPSILON))
    return float(min(np.rint(0.5 + longer), MAX_CHARACTERS))


@exact
def false_positive_characters(aspect_ratio: float) -> float:
    """Characters that a false positive costs: the width over the height, so that an upright one is cheap (step 7)."""
    return float(min(np.rint(0.5 + 1.0 / (EPSILON + aspect_ratio)), MAX_CHARACTERS))


def count_characters(polygons: PackedPolygons, *, false_positives: bool = False) -> IntArray:
    """(N,) characters of each polygon by its aspect ratio (step 1).

    Which hull edge comes first matters only where tied edges give different counts. For upright rectangles that is
    known; Qhull is asked for what is left.

    Args:
        polygons: N polygons as given, px, at least one vertex each.
        false_positives: count by `false_positive_characters`, not by `word_characters`.
    """
    single = polygons.points.astype(np.float32).astype(np.float64)
    counts = _count_where_decided(single, polygons.starts, false_positives)
    for index in np.flatnonzero(counts == UNDECIDED):
        ratio = aspect_ratio_by_qhull(single[polygons.starts[index] : polygons.starts[index + 1]])
        counts[index] = false_positive_characters(ratio) if false_positives else word_characters(ratio)
    return counts


@exact
def _count_where_decided(points: FloatArray, starts: IntArray, false_positives: bool) -> IntArray:
    """(N,) characters, or `UNDECIDED` where it takes Qhull to know."""
    counts = np.full(len(starts) - 1, UNDECIDED, dtype=np.int64)
    for polygon in range(len(counts)):
        vertices = points[starts[polygon] : starts[polygon + 1]]
        hull = convex_hull(vertices)
        if not is_clear(hull):
            continue
        areas, ratios = edge_rectangles(hull)
        if is_upright_rectangle(vertices):
            ratios[:] = upright_ratio(vertices)
        fewest, most = np.inf, -np.inf
        for edge in range(len(hull)):
            if areas[edge] <= areas.min() + AREA_TIE:
                ratio = ratios[edge]
                count = false_positive_characters(ratio) if false_positives else word_characters(ratio)
                fewest, most = min(fewest, count), max(most, count)
        if fewest == most:
            counts[polygon] = int(fewest)
    return counts
