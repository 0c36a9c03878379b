"""CLEval steps 1 and 2: how many pseudo-characters a polygon has, and where they have their centres."""

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.packed import FloatArray, IntArray, PackedPolygons
from ocr.geometry.rectangles import convex_hull
from ocr.metrics.cleval_aspect_ratio import (
    AREA_TIE,
    EPSILON,
    aspect_ratio_by_qhull,
    edge_rectangles,
    is_clear,
    is_upright_rectangle,
    upright_ratio,
)

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


def character_centres(polygons: PackedPolygons, characters: IntArray) -> PackedPolygons:
    """Centres of each polygon's pseudo-characters (step 2).

    Args:
        polygons: N ground truths as given, at least four points each.
        characters: (N,) characters of each, >= 1.

    Returns:
        The centres, px, packed as the vertices of polygons are.
    """
    starts = np.zeros(len(characters) + 1, dtype=np.int64)
    np.cumsum(characters, out=starts[1:])
    centres = np.empty((starts[-1], 2))
    _write_centres(polygons.points, polygons.starts, starts, centres)
    return PackedPolygons(centres, starts)


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


@exact
def _write_centres(points: FloatArray, starts: IntArray, centre_starts: IntArray, centres: FloatArray) -> None:
    for polygon in range(len(starts) - 1):
        vertices = points[starts[polygon] : starts[polygon + 1]]
        first, end = centre_starts[polygon], centre_starts[polygon + 1]
        half, length = len(vertices) // 2, end - first
        for axis in range(2):
            top, bottom = vertices[:half, axis], vertices[half:, axis][::-1]
            before = _line_point(top, 0, length) + _line_point(bottom, 0, length)
            for part in range(length):
                after = _line_point(top, part + 1, length) + _line_point(bottom, part + 1, length)
                centres[first + part, axis] = (before + after) / 4.0
                before = after


@exact
def _line_point(line: FloatArray, part: int, length: int) -> float:
    """Coordinate at the fraction part / length of a line (V,), whose sections have `length` steps each.

    Points between the vertices are truncated.
    """
    section, step = divmod(part * (len(line) - 1), length)
    if step == 0:
        return float(line[section])
    return float(np.trunc(line[section] + (line[section + 1] - line[section]) / length * step))
