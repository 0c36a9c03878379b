"""CLEval step 2: where the pseudo-characters of a ground truth have their centres."""

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.packed import PackedPolygons
from ocr.metrics.scored_polygons import FloatArray, IntArray


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
