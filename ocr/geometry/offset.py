"""Moving a polygon's edges in and out: the label's shrink distance and the two distances that undo it."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pyclipper

from ocr.geometry.measures import polygon_area, polygon_perimeter
from ocr.geometry.mitre import MITRE_LIMIT
from ocr.geometry.packed import FloatArray
from ocr.geometry.polygons import Polygon, order_clockwise

SUBPIXEL = 1024
"""Clipper counts in integers: one pixel is this many of its units."""
ARC_TOLERANCE = 0.05
"""Largest distance, px, between a rounded corner and the vertices that stand for it."""
TINY = 1e-300
"""Takes the place of 0 in a denominator below a numerator of 0."""


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


def unclip_distance_ratio(area: FloatArray, perimeter: FloatArray, unclip_ratio: float) -> FloatArray:
    """Outward distance by the fixed ratio of the paper: area * ratio / perimeter; 0 for a region with no area.

    Args:
        area: (M,) of regions, px².
        perimeter: (M,) px.
        unclip_ratio: r', >= 0; 1.5 in the paper.

    Returns:
        (M,) distances in pixels, >= 0.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Deployment". It brings a 1 : 1 box back to 101.5 % of its height
        and a 10 : 1 line to 58 %, hence `unclip_distance_exact`.
    """
    return np.asarray(area * unclip_ratio / np.maximum(perimeter, TINY))


def unclip_distance_exact(area: FloatArray, perimeter: FloatArray, gain: FloatArray, shrink_ratio: float) -> FloatArray:
    """Outward distance that undoes the label's shrink: the polygon it leads to has this very shrink distance.

    A polygon with area A, perimeter L and corners turning by t encloses A + L d + C d² when its edges move out by d,
    with C = sum of tan(t / 2), and its perimeter becomes L + 2 C d. Put into d = (1 - r²) A(d) / L(d) that leaves a
    quadratic equation: C (1 + r²) d² + L r² d - (1 - r²) A = 0.

    Args:
        area: (M,) A of shrunk regions, px².
        perimeter: (M,) L, px.
        gain: (M,) C, see `measure_polygons`; 4 for a rectangle.
        shrink_ratio: r of the labels, in (0, 1].

    Returns:
        (M,) distances in pixels, >= 0; exact as long as no edge of the label vanished when it was shrunk.

    Raises:
        ValueError: if `shrink_ratio` is outside (0, 1].
    """
    check_shrink_ratio(shrink_ratio)
    kept = shrink_ratio**2
    return positive_root(gain * (1.0 + kept), perimeter * kept, -(1.0 - kept) * area)


def positive_root(quadratic: FloatArray, linear: FloatArray, constant: FloatArray) -> FloatArray:
    """The root >= 0 of quadratic x² + linear x + constant = 0, for factors >= 0; 0 where the constant is >= 0.

    Args:
        quadratic: (M,) or a number, as the others.
        linear: px, where the root is in px.
        constant: px².
    """
    missing = np.maximum(-constant, 0.0)
    return np.asarray(2.0 * missing / np.maximum(linear + np.sqrt(linear * linear + 4.0 * quadratic * missing), TINY))


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
