"""Measures and normal forms of one polygon."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from ocr.geometry.distance_field import is_tangled

Polygon: TypeAlias = npt.NDArray[np.float32]
"""(K, 2) vertices as (x, y), continuous pixels: pixel (column i, row j) covers [i, i + 1) x [j, j + 1)."""

LOBE_FRACTION = 0.9
"""A self-crossing polygon means its largest piece if that holds this fraction of its area; else it means none."""

MAX_CROSSINGS = 500
"""A polygon whose edges cross more often is not taken apart: it would take minutes."""


def signed_area(polygon: npt.ArrayLike) -> float:
    """Shoelace area, positive where the vertices run clockwise on screen (y down).

    Args:
        polygon: (K, 2) vertices, px; fewer than three have no area.

    Returns:
        Area in px², in float64, measured from the first vertex so that far-off polygons lose no digits.
    """
    points = np.asarray(polygon, dtype=np.float64)
    if len(points) < 3:
        return 0.0
    x, y = (points[1:] - points[0]).T  # the first vertex is the origin now: its two products are 0
    return 0.5 * float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


def polygon_area(polygon: npt.ArrayLike) -> float:
    """Unsigned shoelace area in px² (a bow tie of two equal halves has 0).

    Args:
        polygon: (K, 2) vertices, px, either winding.
    """
    return abs(signed_area(polygon))


def polygon_perimeter(polygon: npt.ArrayLike) -> float:
    """Length of the closed polygon in px; 0 for fewer than two vertices.

    Args:
        polygon: (K, 2) vertices, px, either winding.
    """
    points = np.asarray(polygon, dtype=np.float64).reshape(-1, 2)
    if len(points) == 0:
        return 0.0
    x, y = (points[1:] - points[:-1]).T
    closing = points[0] - points[-1]
    return float(np.hypot(x, y).sum() + np.hypot(closing[0], closing[1]))


def order_clockwise(polygon: Polygon) -> Polygon:
    """The same polygon, clockwise on screen (y down), beginning at the top-left vertex.

    Args:
        polygon: (K, 2) vertices, px, either winding, any first vertex.

    Returns:
        (K, 2) float32; the first vertex has the smallest x + y (of several, the one with the smallest y).
    """
    points = np.asarray(polygon, dtype=np.float32).reshape(-1, 2)
    if len(points) == 0:
        return points
    if signed_area(points) < 0.0:
        points = points[::-1]
    first = int(np.lexsort((points[:, 1], points[:, 0] + points[:, 1]))[0])
    return np.concatenate((points[first:], points[:first]))


def largest_simple_piece(polygon: npt.ArrayLike) -> tuple[Polygon | None, float]:
    """The largest simple polygon inside a polygon that may cross itself.

    Args:
        polygon: (K, 2) vertices, px.

    Returns:
        The piece, clockwise from the top-left (None where no area is enclosed), and its fraction of all the enclosed
        area, in [0, 1]. A simple polygon is its own piece, with fraction 1; a bow tie gives one of its halves.
    """
    points = np.asarray(polygon, dtype=np.float64).reshape(-1, 2)
    if len(points) < 3:
        return None, 0.0
    return _largest_piece(shapely.make_valid(shapely.Polygon(points)))


def has_one_lobe(polygon: npt.ArrayLike) -> bool:
    """Whether a polygon that crosses itself means one lobe: its largest piece holds 0.9 of the enclosed area.

    Args:
        polygon: (K, 2) vertices, px; with more than 500 crossings it has several lobes, whatever they are.
    """
    if is_tangled(np.asarray(polygon, dtype=np.float64), MAX_CROSSINGS):
        return False
    return largest_simple_piece(polygon)[1] >= LOBE_FRACTION


def clip_polygon(polygon: Polygon, width: float, height: float) -> Polygon | None:
    """The part of a polygon inside the image [0, width] x [0, height].

    Args:
        polygon: (K, 2) vertices, px, K >= 3.
        width: Image width, px.
        height: Image height, px.

    Returns:
        The polygon as it is where it lies inside entirely and has an area; the largest piece, clockwise from the
        top-left, where the border cuts it; None where nothing with an area is left.
    """
    if len(polygon) < 3:
        return None
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if low[0] >= 0 and low[1] >= 0 and high[0] <= width and high[1] <= height:
        return polygon if polygon_area(polygon) > 0.0 else largest_simple_piece(polygon)[0]
    if not (low[0] < width and low[1] < height and high[0] > 0 and high[1] > 0):
        return None
    valid = shapely.make_valid(shapely.Polygon(np.asarray(polygon, dtype=np.float64)))
    return _largest_piece(shapely.intersection(valid, shapely.box(0.0, 0.0, width, height)))[0]


def _largest_piece(geometry: shapely.Geometry) -> tuple[Polygon | None, float]:
    """The exterior of the largest polygon among a geometry's parts, and its fraction of their area."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    areas = [float(part.area) for part in parts]
    if not parts or max(areas) <= 0.0:
        return None, 0.0
    largest = int(np.argmax(areas))
    exterior = np.asarray(parts[largest].exterior.coords, dtype=np.float32)[:-1]
    return (order_clockwise(exterior), areas[largest] / sum(areas)) if polygon_area(exterior) > 0.0 else (None, 0.0)
