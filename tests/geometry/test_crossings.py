"""Polygons that cross themselves."""

import numpy as np
import pytest

from ocr.geometry.crossings import crosses_itself, is_tangled

TRAPEZOID = np.array([[2, 1], [8, 1], [10, 5], [0, 5]], np.float64)
BOW_TIE = np.array([[0, 0], [4, 4], [4, 0], [0, 4]], np.float64)
PENTAGRAM = np.array([[np.sin(4 * np.pi * i / 5), np.cos(4 * np.pi * i / 5)] for i in range(5)])


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


@pytest.mark.parametrize(("most", "expected"), [(4, True), (5, False)])
def test_the_five_crossings_of_a_pentagram_are_counted_once_each(most, expected):
    assert is_tangled(PENTAGRAM, most) is expected
