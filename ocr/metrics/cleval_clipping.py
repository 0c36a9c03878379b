"""Areas that pairs of polygons share, all pairs of an image at once."""

import numpy as np
import shapely

from ocr.metrics.cleval_polygons import (
    BoolArray,
    FloatArray,
    IntArray,
    PackedPolygons,
    cross_product,
    repair,
    shoelace_areas,
)


def intersection_areas(
    first: PackedPolygons, second: PackedPolygons, of_first: IntArray, of_second: IntArray
) -> FloatArray:
    """(P,) areas, px², that `first[of_first[i]]` and `second[of_second[i]]` share.

    Labels are mostly convex quads: by these the second polygons are clipped, all at once; shapely does the rest.

    Args:
        first: polygons, px; convex quads are fast.
        second: polygons, px; those that do not cross themselves are fast.
        of_first: (P,) indices of polygons in `first`.
        of_second: (P,) indices of polygons in `second`.
    """
    outlines = second.outlines()
    clip = convex_quads(first)[of_first] & shapely.is_valid(outlines)[of_second]
    shared = np.zeros(len(of_first))
    shared[clip] = clipped_areas(second.padded()[of_second[clip]], first.padded()[of_first[clip], :4])
    if not clip.all():
        regions, spots = repair(first.outlines())[of_first[~clip]], repair(outlines)[of_second[~clip]]
        shared[~clip] = shapely.area(shapely.intersection(regions, spots))
    return shared


def convex_quads(polygons: PackedPolygons) -> BoolArray:
    """(N,) whether a polygon has four points that turn the same way at each, so that `clipped_areas` may clip by it."""
    if len(polygons) == 0:
        return np.zeros(0, dtype=np.bool_)
    quads = polygons.padded()[:, :4]
    edges = np.roll(quads, -1, axis=1) - quads
    turns = cross_product(edges, np.roll(edges, -1, axis=1))
    same_way = (turns > 0).all(axis=1) | (turns < 0).all(axis=1)
    return np.asarray(same_way & (polygons.counts == 4), dtype=np.bool_)


def clipped_areas(polygons: FloatArray, quads: FloatArray) -> FloatArray:
    """Area of each polygon inside its own convex quad, px².

    Each quad's edge in turn cuts the polygon: what lies beyond is pushed onto the edge's line, where it encloses
    nothing, so that no vertex has to be dropped and all pairs keep one shape.

    Args:
        polygons: (P, V, 2) outlines that do not cross themselves, either winding; repeated vertices do no harm.
        quads: (P, 4, 2) strictly convex quads, either winding.

    Returns:
        (P,), exact up to rounding.
    """
    if len(polygons) == 0:
        return np.zeros(0)
    winding = np.sign(cross_product(quads[:, 1] - quads[:, 0], quads[:, 2] - quads[:, 1]))
    for corner in range(4):
        start, end = quads[:, corner], quads[:, (corner + 1) % 4]
        direction = (end - start) / np.hypot(*(end - start).T)[:, None]
        inward = winding[:, None] * np.stack([-direction[:, 1], direction[:, 0]], axis=1)
        polygons = _push_inside(polygons, start, inward)
    return shoelace_areas(polygons)


def _push_inside(polygons: FloatArray, start: FloatArray, inward: FloatArray) -> FloatArray:
    """Push all points beyond a line onto it, and put in the points where the outlines cross it.

    Args:
        polygons: (P, V, 2) outlines, px.
        start: (P, 2) a point of each line.
        inward: (P, 2) each line's unit normal.

    Returns:
        (P, V + C, 2), C the most crossings of one outline; the others repeat some vertices.
    """
    depth = ((polygons - start[:, None]) * inward[:, None]).sum(axis=2)
    following, depth_following = np.roll(polygons, -1, axis=1), np.roll(depth, -1, axis=1)
    pushed = polygons - np.minimum(depth, 0.0)[..., None] * inward[:, None]
    crosses = (depth < 0) != (depth_following < 0)
    share = np.where(crosses, depth, 0.0) / np.where(crosses, depth - depth_following, 1.0)
    crossings = np.where(crosses[..., None], polygons + share[..., None] * (following - polygons), pushed)
    both = np.stack([pushed, crossings], axis=2).reshape(len(polygons), -1, 2)
    needless = np.stack([np.zeros_like(crosses), ~crosses], axis=2).reshape(len(polygons), -1)
    width = polygons.shape[1] + int(crosses.sum(axis=1).max(initial=0))
    kept = np.sort(np.argsort(needless, axis=1, kind="stable")[:, :width], axis=1)
    return np.take_along_axis(both, kept[..., None], axis=1)
