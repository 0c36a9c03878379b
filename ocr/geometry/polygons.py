"""Polygons in normal form: their order, their fourth point, their largest piece, what an image holds of them."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from ocr.geometry.compiled import exact
from ocr.geometry.measures import MAX_CROSSINGS, doubled_area, has_more_crossings, polygon_area
from ocr.geometry.packed import FloatArray, IntArray, PackedPolygons

Polygon: TypeAlias = npt.NDArray[np.float32]
"""(K, 2) vertices as (x, y), continuous pixels: pixel (column i, row j) covers [i, i + 1) x [j, j + 1)."""

LOBE_FRACTION = 0.9
"""A self-crossing polygon means its largest piece if that holds this fraction of its area; else it means none."""


def order_clockwise(polygon: Polygon) -> Polygon:
    """The same polygon, clockwise on screen (y down), beginning at the top-left vertex.

    Args:
        polygon: (K, 2) vertices, px, either winding, any first vertex.

    Returns:
        (K, 2) float32; the first vertex has the smallest x + y (of several, the one with the smallest y).
    """
    points = np.asarray(polygon, dtype=np.float32).reshape(-1, 2)
    whole = PackedPolygons(points.astype(np.float64), np.array([0, len(points)]))
    return order_polygons(whole).points.astype(np.float32)


def order_polygons(packed: PackedPolygons) -> PackedPolygons:
    """Many polygons, each as `order_clockwise` gives it; sums of x + y are compared in float32, as coordinates are."""
    return packed._replace(points=_order_all(packed.points, packed.starts))


def drop_repeated(polygon: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Without vertices equal to the next one around; of a closed polygon the first vertex stays, not its repetition.

    Args:
        polygon: (K, 2) vertices; nothing is left where all are equal.
    """
    distinct: npt.NDArray[Any] = polygon[np.any(polygon != np.roll(polygon, -1, axis=0), axis=1)]
    return distinct


def at_least_four(polygon: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A triangle with a fourth point halfway along its longest edge; any other polygon stays as it is.

    Args:
        polygon: (K, 2) vertices, px; halves of whole numbers are rounded towards 0.
    """
    if len(polygon) != 3:
        return polygon
    following = np.roll(polygon, -1, axis=0)
    longest = int(np.argmax(np.square(following - polygon).sum(axis=1)))
    return np.insert(polygon, longest + 1, (polygon[longest] + following[longest]) / 2, axis=0)


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


def single_lobe(polygon: npt.ArrayLike) -> Polygon | None:
    """The lobe that a polygon which crosses itself means: its largest piece, if that holds 0.9 of the enclosed area.

    Args:
        polygon: (K, 2) vertices, px; with more than 500 crossings it has several lobes, whatever they are.
    """
    if has_more_crossings(np.asarray(polygon, dtype=np.float64), MAX_CROSSINGS):
        return None
    piece, fraction = largest_simple_piece(polygon)
    return piece if fraction >= LOBE_FRACTION else None


def has_one_lobe(polygon: npt.ArrayLike) -> bool:
    """Whether there is a `single_lobe`."""
    return single_lobe(polygon) is not None


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
    return largest_piece_inside(polygon, width, height)[0]


def largest_piece_inside(polygon: Polygon, width: float, height: float) -> tuple[Polygon | None, float]:
    """What `clip_polygon` leaves of a polygon, and its fraction of all that is inside the image, in [0, 1].

    The border may cut a polygon that is not convex into several pieces.
    """
    if len(polygon) < 3:
        return None, 0.0
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if low[0] >= 0 and low[1] >= 0 and high[0] <= width and high[1] <= height:
        return (polygon, 1.0) if polygon_area(polygon) > 0.0 else largest_simple_piece(polygon)
    if not (low[0] < width and low[1] < height and high[0] > 0 and high[1] > 0):
        return None, 0.0
    valid = shapely.make_valid(shapely.Polygon(np.asarray(polygon, dtype=np.float64)))
    return _largest_piece(shapely.intersection(valid, shapely.box(0.0, 0.0, width, height)))


def _largest_piece(geometry: shapely.Geometry) -> tuple[Polygon | None, float]:
    """The exterior of the largest polygon among a geometry's parts, and its fraction of their area."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    areas = [float(part.area) for part in parts]
    if not parts or max(areas) <= 0.0:
        return None, 0.0
    largest = int(np.argmax(areas))
    exterior = np.asarray(parts[largest].exterior.coords, dtype=np.float32)[:-1]
    return (order_clockwise(exterior), areas[largest] / sum(areas)) if polygon_area(exterior) > 0.0 else (None, 0.0)


@exact
def _order_all(points: FloatArray, starts: IntArray) -> FloatArray:
    """Vertices of all polygons, reversed where they run counter-clockwise, from the top-left one on."""
    ordered = np.empty_like(points)
    for index in range(len(starts) - 1):
        start, end = starts[index], starts[index + 1]
        step = -1 if doubled_area(points[start:end]) < 0.0 else 1
        first = vertex = start if step == 1 else end - 1
        for _ in range(end - start):
            x_plus_y = np.float32(points[vertex, 0]) + np.float32(points[vertex, 1])
            least = np.float32(points[first, 0]) + np.float32(points[first, 1])
            if x_plus_y < least or (x_plus_y == least and points[vertex, 1] < points[first, 1]):
                first = vertex
            vertex += step
        for place in range(start, end):
            ordered[place, 0], ordered[place, 1] = points[first, 0], points[first, 1]
            first = start + (first - start + step) % (end - start)
    return ordered
