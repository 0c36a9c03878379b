"""The compiled loops behind the training maps."""

import numpy as np
import pytest

from ocr.geometry.distance_field import area_and_perimeter, crosses_itself, holds_pixel_centre

TRAPEZOID = np.array([[2, 1], [8, 1], [10, 5], [0, 5]], np.float64)
BOW_TIE = np.array([[0, 0], [4, 4], [4, 0], [0, 4]], np.float64)
PENTAGRAM = np.array([[np.sin(4 * np.pi * i / 5), np.cos(4 * np.pi * i / 5)] for i in range(5)])


@pytest.mark.parametrize("step", [1, -1])
def test_area_and_perimeter_of_a_trapezoid(step):
    area, perimeter = area_and_perimeter(np.ascontiguousarray(TRAPEZOID[::step]))
    assert area == pytest.approx(32.0)
    assert perimeter == pytest.approx(16.0 + 2 * np.sqrt(20.0))


@pytest.mark.parametrize(
    ("vertices", "expected"),
    [
        (TRAPEZOID, False),
        (BOW_TIE, True),
        (PENTAGRAM, True),
        (np.array([[0, 0], [9, 0], [9, 5], [4, 0], [0, 5]], np.float64), False),
        (np.array([[0, 0], [9, 0], [9, 0], [9, 5], [0, 5]], np.float64), False),
    ],
    ids=["trapezoid", "bow tie", "pentagram", "touches itself", "repeated vertex"],
)
def test_only_polygons_that_cross_themselves_do(vertices, expected):
    assert crosses_itself(vertices) is expected


# 2 px high at y = 4.6 … 6.6: the centres 5.5 and 4.6 + 1.9 = 6.5 lie 0.9 and 0.1 px deep.
@pytest.mark.parametrize(("distance", "expected"), [(0.85, True), (0.95, False)])
def test_a_shrunk_polygon_may_slip_between_the_pixel_centres(distance, expected):
    box = np.array([[10, 4.6], [30, 4.6], [30, 6.6], [10, 6.6]])
    assert holds_pixel_centre(box, distance) is expected
