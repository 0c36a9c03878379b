"""CLEval steps 1 and 2: the aspect ratio of a polygon gives its number of characters, and their centres."""

from collections.abc import Callable

import numpy as np
import shapely
from scipy.spatial import ConvexHull, QhullError

from ocr.metrics.cleval_polygons import BoolArray, FloatArray, IntArray, PackedPolygons, cross_product

EPSILON = float(np.finfo(np.float32).eps)
MAX_RATIO = 100.0
MAX_CHARACTERS = 100.0
AREA_TIE = 1e-9
"""Rectangles whose areas differ by no more count as equal: then the hull's first edge decides."""
CLEAR_CORNER = 1e-9
"""A hull corner this far from its neighbours' chord, relative to the largest coordinate, is one for Qhull as well."""

CharactersOf = Callable[[FloatArray], FloatArray]


def word_characters(aspect_ratio: FloatArray) -> FloatArray:
    """Pseudo-characters of a ground truth, whichever way it runs (step 2)."""
    longer = np.maximum(aspect_ratio, 1.0 / (aspect_ratio + EPSILON))
    return np.minimum(np.rint(0.5 + longer), MAX_CHARACTERS)


def false_positive_characters(aspect_ratio: FloatArray) -> FloatArray:
    """Characters that a false positive costs: the width over the height, so that an upright one is cheap (step 7)."""
    return np.minimum(np.rint(0.5 + 1.0 / (EPSILON + aspect_ratio)), MAX_CHARACTERS)


def count_characters(polygons: PackedPolygons, characters_of: CharactersOf) -> IntArray:
    """(N,) characters of each polygon by its aspect ratio (step 1).

    Only Qhull knows which hull edge comes first, and it matters only where tied edges give different counts: all
    other polygons are counted without it, at once.

    Args:
        polygons: N polygons as given, px, at least one vertex each.
        characters_of: `word_characters` or `false_positive_characters`.
    """
    counts = np.zeros(len(polygons), dtype=np.int64)
    if len(polygons) == 0:
        return counts
    single = PackedPolygons(polygons.points.astype(np.float32).astype(np.float64), polygons.counts)
    hulls, clear = _convex_hulls(single)
    areas, ratios = _edge_rectangles(hulls)
    tied = areas <= areas.min(axis=1, keepdims=True) + AREA_TIE
    characters = characters_of(ratios)
    fewest = np.where(tied, characters, np.inf).min(axis=1)
    most = np.where(tied, characters, -np.inf).max(axis=1)
    settled = clear & (fewest == most)
    counts[settled] = fewest[settled]
    for index in np.flatnonzero(~settled):
        start = single.starts[index]
        ratio = aspect_ratio_by_qhull(single.points[start : start + single.counts[index]])
        counts[index] = characters_of(np.array([ratio]))[0]
    return counts


def aspect_ratio_by_qhull(points: FloatArray) -> float:
    """Aspect ratio of one polygon's minimum-area rectangle, in [0, 100], word for word as the specification has it.

    Args:
        points: (K, 2) vertices, float32 values, px.

    Returns:
        Extent across over extent along the first hull edge of smallest area; 0 where no hull can be built.
    """
    try:
        hull = points[ConvexHull(points.astype(np.float32)).vertices].astype(np.float64)
    except QhullError:
        return 0.0
    areas, ratios = _edge_rectangles(hull[None])
    return float(ratios[0, np.argmax(areas[0] <= areas[0].min() + AREA_TIE)])


def _convex_hulls(polygons: PackedPolygons) -> tuple[FloatArray, BoolArray]:
    """Hulls as (N, H, 2), the last corner repeated, and (N,) whether Qhull surely finds the very same corners."""
    rings = shapely.convex_hull(polygons.outlines())
    points, owners = shapely.get_coordinates(rings, return_index=True)
    closed = np.bincount(owners, minlength=len(polygons))
    has_area = shapely.get_type_id(rings) == shapely.GeometryType.POLYGON
    counts = closed - has_area  # a ring comes back to its first corner, the hull of collinear points does not
    hulls = PackedPolygons(np.delete(points, (np.cumsum(closed) - 1)[has_area], axis=0), counts).padded()
    corner = np.arange(hulls.shape[1])
    before = np.take_along_axis(hulls, np.where(corner == 0, counts[:, None], corner)[..., None] - 1, axis=1)
    chords = np.roll(hulls, -1, axis=1) - before
    lengths = np.maximum(np.hypot(chords[..., 0], chords[..., 1]), EPSILON)
    heights = np.abs(cross_product(chords, hulls - before)) / lengths
    flattest = np.where(corner < counts[:, None] - 1, heights, np.inf).min(axis=1)
    return hulls, has_area & (flattest > CLEAR_CORNER * np.abs(hulls).max(axis=(1, 2)))


def _edge_rectangles(hulls: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Areas (px², inf for an edge of no length) and aspect ratios of the rectangles over the hulls' edges.

    Args:
        hulls: (N, H, 2) corners in order, px.

    Returns:
        Two arrays (N, H); column i belongs to the edge from corner i to the next.
    """
    edges = np.roll(hulls, -1, axis=1) - hulls
    lengths = np.hypot(edges[..., 0], edges[..., 1])
    real = lengths > 0
    directions = edges / np.where(real, lengths, 1.0)[..., None]
    along = directions @ hulls.transpose(0, 2, 1)
    normals = np.stack([-directions[..., 1], directions[..., 0]], axis=-1)
    across = normals @ hulls.transpose(0, 2, 1)
    width = along.max(axis=2) - along.min(axis=2)
    height = across.max(axis=2) - across.min(axis=2)
    ratios = np.minimum(MAX_RATIO, height / (width + EPSILON))
    return np.where(real, width * height, np.inf), ratios


def character_centres(polygons: PackedPolygons, characters: IntArray) -> PackedPolygons:
    """Centres of each polygon's pseudo-characters (step 2).

    Args:
        polygons: N ground truths as given, at least four points each.
        characters: (N,) characters of each, >= 1.

    Returns:
        The centres, px, packed as the vertices of polygons are.
    """
    boundaries = characters + 1
    owners = np.repeat(np.arange(len(polygons)), boundaries)
    step = np.arange(len(owners)) - np.repeat(np.cumsum(boundaries) - boundaries, boundaries)
    first, last = polygons.starts[owners], (polygons.starts + polygons.counts - 1)[owners]
    top_points = polygons.counts[owners] // 2
    bottom_points = polygons.counts[owners] - top_points
    length = characters[owners]
    top = _line_points(polygons.points, first, 1, step * (top_points - 1), length)
    bottom = _line_points(polygons.points, last, -1, step * (bottom_points - 1), length)
    spans = top + bottom
    starts = np.flatnonzero(step < length)
    return PackedPolygons((spans[starts] + spans[starts + 1]) / 4, characters)


def _line_points(points: FloatArray, first: IntArray, direction: int, steps: IntArray, length: IntArray) -> FloatArray:
    """Points `steps` along lines that start at vertex `first`, each of whose sections has `length` steps."""
    section, part = np.divmod(steps, length)
    vertex = first + direction * section
    start = points[vertex]
    end = points[np.where(part > 0, vertex + direction, vertex)]
    between = np.trunc(start + (end - start) / length[:, None] * part[:, None])
    return np.asarray(np.where(part[:, None] > 0, between, start), dtype=np.float64)
