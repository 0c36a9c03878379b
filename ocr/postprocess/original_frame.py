"""Polygons in the network's frame to polygons inside the original image."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.affine import Matrix, transform_polygon
from ocr.geometry.compiled import exact
from ocr.geometry.packed import PackedPolygons
from ocr.geometry.polygons import Polygon, clip_polygon, order_clockwise


class Placed(NamedTuple):
    """What is left of M polygons inside the image."""

    polygons: list[Polygon]  # (K, 2) each, K >= 4, px of the original image, clockwise from the top-left
    indices: list[int]  # which of the polygons each one is, ascending


def to_original_frame(found: PackedPolygons, input_to_original: Matrix, width: int, height: int) -> Placed:
    """Map polygons to the original frame, clip them to the image, and order their vertices.

    Args:
        found: M polygons of three or more vertices in the network's frame, px.
        input_to_original: (3, 3), continuous coordinates.
        width: Of the original image, px.
        height: Of the original image, px.

    Returns:
        Polygons with an area and at least four points; a polygon with no area inside the image leaves none.

    Raises:
        ValueError: if the matrix is not (3, 3).
    """
    points = transform_polygon(found.points, input_to_original)
    ordered, is_whole = _order_all(points, found.starts, float(width), float(height))
    bounds, polygons, indices = found.starts.tolist(), [], []
    for index, whole in enumerate(is_whole.tolist()):
        polygon: Polygon | None = ordered[bounds[index] : bounds[index + 1]]
        if not whole:
            polygon = _clip(points[bounds[index] : bounds[index + 1]], width, height)
        if polygon is not None:
            polygons.append(polygon)
            indices.append(index)
    return Placed(polygons, indices)


def _clip(polygon: Polygon, width: int, height: int) -> Polygon | None:
    """The part inside the image, ordered and with at least four points; None where nothing is left."""
    clipped = clip_polygon(polygon, width, height)
    return None if clipped is None else _at_least_four(order_clockwise(clipped))


def _at_least_four(polygon: Polygon) -> Polygon:
    """A triangle gets a fourth point halfway along its longest edge; anything else stays as it is."""
    if len(polygon) != 3:
        return polygon
    following = np.roll(polygon, -1, axis=0)
    longest = int(np.argmax(np.hypot(*(following - polygon).T)))
    return np.insert(polygon, longest + 1, (polygon[longest] + following[longest]) / 2.0, axis=0)


@exact
def _order_all(
    points: npt.NDArray[np.float32], starts: npt.NDArray[np.int64], width: float, height: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Vertices as `order_clockwise` gives them, and which polygons need nothing else.

    Those lie inside the image, have an area and at least four vertices.
    """
    ordered = np.empty_like(points)
    is_whole = np.zeros(len(starts) - 1, np.bool_)
    for index in range(len(is_whole)):
        start, end = starts[index], starts[index + 1]
        first, doubled, inside = start, 0.0, end - start >= 4
        for vertex in range(start, end):
            x, y = points[vertex, 0], points[vertex, 1]
            following = vertex + 1 if vertex + 1 < end else start
            from_x, from_y = np.float64(x) - points[start, 0], np.float64(y) - points[start, 1]
            to_x, to_y = np.float64(points[following, 0]) - x, np.float64(points[following, 1]) - y
            doubled += from_x * to_y - from_y * to_x
            inside &= x >= 0.0 and y >= 0.0 and x <= width and y <= height
            sooner, least = x + y, points[first, 0] + points[first, 1]
            if sooner < least or (sooner == least and y < points[first, 1]):
                first = vertex
        is_whole[index] = inside and doubled != 0.0
        source = first
        for vertex in range(start, end):
            ordered[vertex, 0], ordered[vertex, 1] = points[source, 0], points[source, 1]
            if doubled > 0.0:
                source = source + 1 if source + 1 < end else start
            else:
                source = source - 1 if source > start else end - 1
    return ordered, is_whole
