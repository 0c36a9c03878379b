"""Areas, perimeters and upright boxes."""

import numpy as np
import pytest

from ocr.geometry import polygon_area, polygon_perimeter, signed_area
from ocr.geometry.measures import are_inside, area_and_perimeter, bounding_boxes, polygon_areas, touching_boxes
from ocr.geometry.packed import pack_polygons

TRAPEZOID = np.array([[2, 1], [8, 1], [10, 5], [0, 5]], np.float32)  # (6 + 10) / 2 * 4 = 32; sides 6, 10, 2 * sqrt(20)
BOX = np.array([[0, 0], [10, 0], [10, 4], [0, 4]], np.float32)
BOW_TIE = BOX[[0, 2, 1, 3]]
LINE = np.array([[0, 0], [5, 0], [9, 0]], np.float32)
DART = np.array([[0, 0], [10, 0], [3, 3], [0, 10]], np.float32)  # 10 x 10 / 2 less the triangle at (3, 3): 30


@pytest.mark.parametrize(
    ("polygon", "signed"), [(TRAPEZOID, 32.0), (TRAPEZOID[::-1], -32.0), (np.roll(TRAPEZOID, 2, axis=0), 32.0)]
)
def test_only_the_sign_of_the_area_depends_on_the_winding_and_nothing_on_the_first_vertex(polygon, signed):
    assert signed_area(polygon) == pytest.approx(signed)  # above 0 clockwise on screen
    assert polygon_area(polygon) == pytest.approx(32.0)
    assert polygon_area(polygon.astype(np.float64) + 1e8) == pytest.approx(32.0)  # no digits are lost far off
    assert polygon_perimeter(polygon) == pytest.approx(16.0 + 2 * np.sqrt(20.0))
    assert area_and_perimeter(polygon.astype(np.float64)) == pytest.approx((32.0, 16.0 + 2 * np.sqrt(20.0)))


@pytest.mark.parametrize(
    ("polygon", "area", "perimeter"),
    [(np.empty((0, 2)), 0, 0), (np.array([[3, 4]]), 0, 0), (np.array([[0, 0], [3, 4]]), 0, 10), (LINE, 0, 18)],
    ids=["no vertex", "one vertex", "two vertices, there and back", "collinear"],
)
def test_degenerate_polygons_have_no_area(polygon, area, perimeter):
    assert polygon_area(polygon) == area
    assert polygon_perimeter(polygon) == perimeter


def test_polygon_areas_are_those_of_the_shoelace_formula():
    assert polygon_areas(pack_polygons([BOX, BOX[::-1], BOW_TIE, LINE, DART])).tolist() == [40, 40, 0, 0, 30]


def test_boxes_touch_when_they_share_a_point():
    boxes = bounding_boxes(pack_polygons([BOX, DART + 10]))
    assert boxes.tolist() == [[0, 0, 10, 4], [10, 10, 20, 20]]
    others = np.array([[10, 4, 12, 6], [11, 0, 12, 4], [3, 5, 4, 9], [0, 20, 30, 30]], np.float64)
    assert touching_boxes(boxes, others).tolist() == [[True, False, False, False], [False, False, False, True]]


@pytest.mark.parametrize(
    ("size", "area", "expected"),
    [((10, 4), 0, True), ((9.9, 4), 0, False), ((10, 3.9), 0, False), ((10, 4), 39.9, True), ((10, 4), 40, False)],
    ids=["on the border", "too wide", "too high", "large enough", "too small"],
)
def test_a_polygon_is_inside_up_to_the_images_border(size, area, expected):
    polygons = pack_polygons([BOX, BOX - np.array([1, 0]), BOX - np.array([0, 1]), LINE])
    assert are_inside(polygons, *size, area).tolist() == [expected, False, False, False]
