"""Area, perimeter, upright box and crossings of polygons: of one, or of many that are packed."""

import math

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled, exact
from ocr.geometry.packed import BoolArray, FloatArray, IntArray, PackedPolygons

MAX_CROSSINGS = 500
"""A polygon whose edges cross more often is not taken apart: it would take minutes."""


def signed_area(polygon: npt.ArrayLike) -> float:
    """Shoelace area, positive where the vertices run clockwise on screen (y down).

    Args:
        polygon: (K, 2) vertices, px; fewer than three have no area.

    Returns:
        Area in px², in float64, measured from the first vertex so that far-off polygons lose no digits.
    """
    return doubled_area(_vertices(polygon)) / 2.0


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
    return perimeter(_vertices(polygon))


def polygon_areas(polygons: PackedPolygons) -> FloatArray:
    """(M,) unsigned shoelace areas, px²; a bow tie of two equal halves has 0."""
    return _polygon_areas(polygons.points, polygons.starts)


def bounding_boxes(polygons: PackedPolygons) -> FloatArray:
    """(M, 4) boxes as x_min, y_min, x_max, y_max, px; of a polygon without points one that touches nothing."""
    return _bounding_boxes(polygons.points, polygons.starts)


def are_inside(polygons: PackedPolygons, width: float, height: float, area: float = 0.0) -> BoolArray:
    """Which polygons are inside the image [0, width] x [0, height] and have more than an area, px²; (M,)."""
    boxes = bounding_boxes(polygons)
    within = (boxes[:, :2] >= 0.0).all(axis=1) & (boxes[:, 2:] <= (width, height)).all(axis=1)
    return np.asarray(within & (polygon_areas(polygons) > area), dtype=np.bool_)


@exact
def touching_boxes(first: FloatArray, second: FloatArray) -> BoolArray:
    """(N, M) whether the boxes have a point in common at least.

    Args:
        first: (N, 4) xyxy, px.
        second: (M, 4) xyxy, px.
    """
    touching = np.zeros((len(first), len(second)), dtype=np.bool_)
    for i in range(len(first)):
        left, top, right, bottom = first[i, 0], first[i, 1], first[i, 2], first[i, 3]
        for j in range(len(second)):
            beside = left <= second[j, 2] and right >= second[j, 0]
            touching[i, j] = beside and top <= second[j, 3] and bottom >= second[j, 1]
    return touching


@exact
def turn(a_x: float, a_y: float, b_x: float, b_y: float, c_x: float, c_y: float) -> float:
    """Twice the signed area of a triangle, px²: positive where a b c turns right on screen, 0 where it is straight."""
    return (b_x - a_x) * (c_y - a_y) - (b_y - a_y) * (c_x - a_x)


@exact
def doubled_area(vertices: FloatArray) -> float:
    """Twice the shoelace area, px², of (K, 2) vertices: positive where they run clockwise on screen."""
    doubled = 0.0
    for index in range(2, len(vertices)):
        x, y = vertices[0, 0], vertices[0, 1]
        doubled += turn(x, y, vertices[index - 1, 0], vertices[index - 1, 1], vertices[index, 0], vertices[index, 1])
    return doubled


@exact
def perimeter(vertices: FloatArray) -> float:
    """Length, px, of the closed polygon through (K, 2) vertices."""
    length = 0.0
    for end in range(len(vertices)):
        x, y = vertices[end, 0] - vertices[end - 1, 0], vertices[end, 1] - vertices[end - 1, 1]
        length += math.sqrt(x * x + y * y)
    return length


@exact
def area_and_perimeter(vertices: FloatArray) -> tuple[float, float]:
    """Unsigned shoelace area (px²) and length (px) of the polygon through (K, 2) vertices."""
    return abs(doubled_area(vertices)) / 2.0, perimeter(vertices)


@exact
def upright_box(vertices: FloatArray) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of (K, 2) vertices, px; infinity, infinity, -infinity, -infinity for K = 0."""
    left = top = np.inf
    right = bottom = -np.inf
    for index in range(len(vertices)):
        x, y = vertices[index, 0], vertices[index, 1]
        left, top, right, bottom = min(left, x), min(top, y), max(right, x), max(bottom, y)
    return left, top, right, bottom


def _vertices(polygon: npt.ArrayLike) -> FloatArray:
    return np.ascontiguousarray(polygon, dtype=np.float64).reshape(-1, 2)


@exact
def _bounding_boxes(points: FloatArray, starts: IntArray) -> FloatArray:
    boxes = np.empty((len(starts) - 1, 4))
    for polygon in range(len(boxes)):
        box = upright_box(points[starts[polygon] : starts[polygon + 1]])
        boxes[polygon, 0], boxes[polygon, 1], boxes[polygon, 2], boxes[polygon, 3] = box
    return boxes


@exact
def _polygon_areas(points: FloatArray, starts: IntArray) -> FloatArray:
    areas = np.empty(len(starts) - 1)
    for polygon in range(len(areas)):
        areas[polygon] = abs(doubled_area(points[starts[polygon] : starts[polygon + 1]])) / 2.0
    return areas


@compiled
def crosses_itself(vertices: FloatArray) -> bool:
    """Whether two edges of (K, 2) vertices cross in their interiors, as in a bow tie; touching is not crossing."""
    return has_more_crossings(vertices, 0)


@compiled
def has_more_crossings(vertices: FloatArray, most: int) -> bool:
    """Whether more than `most` pairs of edges of (K, 2) vertices cross in their interiors."""
    count, crossings = len(vertices), 0
    for i in range(count):
        ax, ay = vertices[i]
        bx, by = vertices[(i + 1) % count]
        left, right, top, bottom = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        for j in range(i + 2, count):
            cx, cy = vertices[j]
            dx, dy = vertices[(j + 1) % count]
            if max(cx, dx) < left or min(cx, dx) > right or max(cy, dy) < top or min(cy, dy) > bottom:
                continue
            if (
                turn(ax, ay, bx, by, cx, cy) * turn(ax, ay, bx, by, dx, dy) < 0.0
                and turn(cx, cy, dx, dy, ax, ay) * turn(cx, cy, dx, dy, bx, by) < 0.0
            ):
                crossings += 1
                if crossings > most:
                    return True
    return False
