"""Moving a polygon's edges in and out: the label's shrink distance and the two distances that undo it."""

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyclipper

from ocr.geometry.polygons import Polygon, order_clockwise, polygon_area, polygon_perimeter

SUBPIXEL = 1024
"""Clipper counts in integers: one pixel is this many of its units."""
ARC_TOLERANCE = 0.05
"""Largest distance, px, between a rounded corner and the vertices that stand for it."""
MITRE_LIMIT = 2.0
"""A mitred corner moves at most this many distances; sharper ones (below 60 degrees) are cut off square."""


def shrink_distance(polygon: npt.ArrayLike, shrink_ratio: float) -> float:
    """Distance each edge moves inward to make the probability-map label: D = A (1 - r²) / L.

    Args:
        polygon: (K, 2) corners as (x, y), in pixels, K >= 3, either winding.
        shrink_ratio: r, in (0, 1]; 1 leaves the polygon as it is.

    Returns:
        D, in pixels, >= 0.

    Raises:
        ValueError: if `shrink_ratio` is outside (0, 1] or the polygon has no area.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Label generation"; r = 0.4 there.
    """
    check_shrink_ratio(shrink_ratio)
    area = polygon_area(polygon)
    if area <= 0.0:
        raise ValueError(f"expected a polygon with an area, got {np.asarray(polygon).tolist()}: drop it beforehand")
    return area * (1.0 - shrink_ratio**2) / polygon_perimeter(polygon)


def unclip_distance_ratio(polygon: npt.ArrayLike, unclip_ratio: float) -> float:
    """Outward distance by the fixed ratio of the paper: area * ratio / perimeter; 0 for a polygon with no area.

    Args:
        polygon: (K, 2) outline of a region, px, either winding.
        unclip_ratio: r', >= 0; 1.5 in the paper.

    Returns:
        Distance in pixels, >= 0.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Deployment". It brings a 1 : 1 box back to 101.5 % of its height
        and a 10 : 1 line to 58 %, hence `unclip_distance_exact`.
    """
    perimeter = polygon_perimeter(polygon)
    return polygon_area(polygon) * unclip_ratio / perimeter if perimeter > 0.0 else 0.0


def unclip_distance_exact(polygon: npt.ArrayLike, shrink_ratio: float) -> float:
    """Outward distance that undoes the label's shrink: the outline it leads to has this very shrink distance.

    An outline with area A, perimeter L and corners turning by t encloses A + L d + C d² when its edges move out by d,
    with C = sum of tan(t / 2), and its perimeter becomes L + 2 C d. Put into d = (1 - r²) A(d) / L(d) that leaves a
    quadratic equation: C (1 + r²) d² + L r² d - (1 - r²) A = 0.

    Args:
        polygon: (K, 2) outline of a shrunk region, px, either winding.
        shrink_ratio: r of the labels, in (0, 1].

    Returns:
        Distance in pixels, >= 0; exact as long as no edge of the label vanished when it was shrunk.

    Raises:
        ValueError: if `shrink_ratio` is outside (0, 1].
    """
    area, perimeter = polygon_area(polygon), polygon_perimeter(polygon)
    return solve_unclip(area, perimeter, corner_gain(polygon), shrink_ratio)


def solve_unclip(area: float, perimeter: float, gain: float, shrink_ratio: float) -> float:
    """Positive root of C (1 + r²) d² + L r² d - (1 - r²) A = 0, see `unclip_distance_exact`.

    Args:
        area: A, px².
        perimeter: L, px.
        gain: C, see `corner_gain`; 4 for a rectangle.
        shrink_ratio: r, in (0, 1].

    Raises:
        ValueError: if `shrink_ratio` is outside (0, 1].
    """
    check_shrink_ratio(shrink_ratio)
    kept = shrink_ratio**2
    return positive_root(gain * (1.0 + kept), perimeter * kept, -(1.0 - kept) * area)


def positive_root(quadratic: float, linear: float, constant: float) -> float:
    """The root >= 0 of quadratic x² + linear x + constant = 0, for factors >= 0; 0 where the constant is >= 0."""
    if constant >= 0.0:
        return 0.0
    return -2.0 * constant / (linear + math.sqrt(linear * linear - 4.0 * quadratic * constant))


def corner_gain(polygon: npt.ArrayLike) -> float:
    """How much area, per squared distance, the corners add when the edges move out (mitred): sum of tan(turn / 2).

    Args:
        polygon: (K, 2) outline, px, either winding; repeated points count once.

    Returns:
        4 for a rectangle, towards pi for a smooth outline, never less; corners beyond the mitre limit count as cut
        off square, as `offset_polygon` does it.
    """
    points = np.asarray(polygon, dtype=np.float64)
    edges = np.roll(points, -1, axis=0) - points
    edges = edges[(edges != 0.0).any(axis=1)]
    if len(edges) < 3:
        return 4.0
    following = np.roll(edges, -1, axis=0)
    cross = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    turns = np.arctan2(cross, (edges * following).sum(axis=1))
    turns = turns if turns.sum() > 0.0 else -turns
    sharpest = 2.0 * math.acos(1.0 / MITRE_LIMIT)
    mitred = np.tan(np.clip(turns, -sharpest, sharpest) / 2.0)
    return max(math.pi, float(np.where(turns > sharpest, 2.0 * np.tan(turns / 4.0), mitred).sum()))


def offset_polygon(polygon: npt.ArrayLike, distance: float, join: Literal["round", "mitre"] = "round") -> list[Polygon]:
    """Move every edge of a polygon outward (distance > 0) or inward (< 0).

    Args:
        polygon: (K, 2) vertices, px, K >= 3, either winding.
        distance: px; sub-pixel fractions are kept to 1/1024.
        join: "round" is the Minkowski sum or erosion with a disc, as the labels are made; "mitre" keeps corners.

    Returns:
        All the pieces, largest first, clockwise from the top-left: a shrunk polygon may be none or several. Holes are
        filled.
    """
    points = np.asarray(polygon, dtype=np.float64)
    kind = pyclipper.JT_ROUND if join == "round" else pyclipper.JT_MITER
    clipper = pyclipper.PyclipperOffset(MITRE_LIMIT, ARC_TOLERANCE * SUBPIXEL)
    try:
        clipper.AddPath(np.rint(points * SUBPIXEL).astype(np.int64).tolist(), kind, pyclipper.ET_CLOSEDPOLYGON)
    except pyclipper.ClipperException:  # fewer than three distinct points
        return []
    paths = [path for path in clipper.Execute(distance * SUBPIXEL) if pyclipper.Orientation(path)]
    pieces = [order_clockwise((np.array(path, dtype=np.float64) / SUBPIXEL).astype(np.float32)) for path in paths]
    return sorted((piece for piece in pieces if len(piece) >= 3), key=polygon_area, reverse=True)


def check_shrink_ratio(shrink_ratio: float) -> None:
    """Raise a ValueError unless `shrink_ratio` is in (0, 1]."""
    if not 0.0 < shrink_ratio <= 1.0:
        raise ValueError(f"expected a shrink_ratio in (0, 1], got {shrink_ratio}: DBNet's is 0.4")
