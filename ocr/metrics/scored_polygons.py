"""Measures of packed polygons: bounding boxes and areas."""

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import exact
from ocr.geometry.packed import PackedPolygons

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def bounding_boxes(polygons: PackedPolygons) -> FloatArray:
    """(N, 4) boxes as x_min, y_min, x_max, y_max, px; of a polygon without points one that touches nothing."""
    return _bounding_boxes(polygons.points, polygons.starts)


def polygon_areas(polygons: PackedPolygons) -> FloatArray:
    """(N,) unsigned shoelace areas, px²; a bow tie of two equal halves has 0."""
    return _polygon_areas(polygons.points, polygons.starts)


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
def _bounding_boxes(points: FloatArray, starts: IntArray) -> FloatArray:
    boxes = np.empty((len(starts) - 1, 4))
    boxes[:, :2], boxes[:, 2:] = np.inf, -np.inf
    for polygon in range(len(boxes)):
        for index in range(starts[polygon], starts[polygon + 1]):
            for axis in range(2):
                boxes[polygon, axis] = min(boxes[polygon, axis], points[index, axis])
                boxes[polygon, axis + 2] = max(boxes[polygon, axis + 2], points[index, axis])
    return boxes


@exact
def _polygon_areas(points: FloatArray, starts: IntArray) -> FloatArray:
    areas = np.zeros(len(starts) - 1)
    for polygon in range(len(areas)):
        vertices = points[starts[polygon] : starts[polygon + 1]]
        doubled = 0.0
        for index in range(1, len(vertices)):
            a_x, a_y = vertices[index - 1, 0] - vertices[0, 0], vertices[index - 1, 1] - vertices[0, 1]
            b_x, b_y = vertices[index, 0] - vertices[0, 0], vertices[index, 1] - vertices[0, 1]
            doubled += a_x * b_y - a_y * b_x
        areas[polygon] = abs(doubled) / 2.0
    return areas
