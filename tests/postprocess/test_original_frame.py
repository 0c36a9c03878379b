"""Polygons of the network's frame in the original image."""

import numpy as np
import pytest

from ocr.geometry import clip_polygon, order_clockwise, transform_polygon, translation
from ocr.geometry.packed import pack_polygons
from ocr.postprocess.db_postprocess import DBPostProcess, to_original_frame
from tests.oracles.polygons import bent_line, box, tilted_box

TURNED = np.array([[0.9, 0.1, 5.0], [-0.1, 0.8, 7.0], [0.0, 0.0, 1.0]])
MIRRORED = np.array([[-1.0, 0.0, 200.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
POLYGONS = [box(20, 10, 60, 16)[::-1], tilted_box(100, 50, 40, 12, 30), bent_line(120, 80, 60, 10, 8), box(1, 1, 5, 3)]


@pytest.mark.parametrize("matrix", [np.eye(3), TURNED, MIRRORED, translation(-70, -30), translation(500, 0)])
def test_each_polygon_is_moved_clipped_and_ordered(matrix):
    expected = [clip_polygon(transform_polygon(points, matrix), 200, 100) for points in POLYGONS]
    for polygon, clipped in zip(to_original_frame(pack_polygons(POLYGONS), matrix, 200, 100), expected, strict=True):
        assert (polygon is None) == (clipped is None)
        if polygon is not None:
            np.testing.assert_array_equal(polygon, order_clockwise(clipped))
            assert polygon.dtype == np.float32


def test_a_polygon_without_an_area_is_left_out_and_a_triangle_gets_a_fourth_point():
    line, triangle = np.array([[1, 1], [5, 1], [9, 1], [5, 1]]), np.array([[0, 0], [10, 0], [0, 4]])
    no_line, quad = to_original_frame(pack_polygons([line, triangle]), np.eye(3), 200, 100)
    assert no_line is None
    assert quad.tolist() == [[0, 0], [10, 0], [5, 2], [0, 4]]
    assert to_original_frame(pack_polygons([]), np.eye(3), 200, 100) == []
    with pytest.raises(ValueError, match=r"expected a \(3, 3\) matrix"):
        DBPostProcess()(np.zeros((9, 9), np.float32), np.eye(3)[:2], 9, 9)  # even where nothing is found
