"""Polygons in normal form, and those that cross themselves."""

import numpy as np
import pytest

from ocr.geometry import clip_polygon, largest_simple_piece, order_clockwise, polygon_area
from ocr.geometry.measures import crosses_itself, has_more_crossings
from ocr.geometry.packed import pack_polygons, unpack_polygons
from ocr.geometry.polygons import at_least_four, drop_repeated, order_polygons

TRAPEZOID = np.array([[2, 1], [8, 1], [10, 5], [0, 5]], np.float32)  # (6 + 10) / 2 * 4 = 32; sides 6, 10, 2 * sqrt(20)
BOW_TIE = np.array([[0, 0], [4, 4], [4, 0], [0, 4]], np.float32)
LINE = np.array([[0, 0], [5, 0], [9, 0]], np.float32)


def shift(polygon, dx, dy):
    return polygon + np.array([dx, dy], np.float32)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("step", [1, -1])
def test_order_is_clockwise_from_the_top_left(turn, step):
    box = np.array([[1, 2], [7, 2], [7, 4], [1, 4]], np.float32)
    diamond = np.array([[2, 0], [4, 2], [2, 4], [0, 2]], np.float32)  # of (2, 0) and (0, 2) the upper one comes first
    turned = [np.roll(polygon[::step], turn, axis=0) for polygon in (box, np.empty((0, 2), np.float32), diamond)]
    ordered = unpack_polygons(order_polygons(pack_polygons(turned)))
    for polygon, alone, expected in zip(ordered, turned, (box, turned[1], diamond), strict=True):
        np.testing.assert_array_equal(polygon, expected)
        np.testing.assert_array_equal(order_clockwise(alone), expected)


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_a_triangle_gets_a_fourth_point_halfway_along_its_longest_edge(dtype):
    triangle = np.array([[0, 0], [8, 0], [0, 5]], dtype)  # the edge from (8, 0) to (0, 5); 2.5 is no whole number
    quad = at_least_four(triangle)
    assert quad.tolist() == [[0, 0], [8, 0], [4, 2 if dtype is np.int64 else 2.5], [0, 5]]
    assert quad.dtype == dtype
    assert at_least_four(quad) is quad


def test_a_vertex_that_comes_again_stays_once_and_a_closed_polygon_begins_where_it_began():
    one, two, three = [0, 0], [4, 0], [4, 3]
    for repeated in ([one, two, three, one], [one, one, two, two, three], [one, one, two, three, one, one]):
        assert drop_repeated(np.array(repeated)).tolist() == [one, two, three]
    assert drop_repeated(np.array([one, two, one, three])).tolist() == [one, two, one, three]
    for nothing in (np.array([one, one]), np.empty((0, 2))):
        assert drop_repeated(nothing).shape == (0, 2)


def test_clipping_cuts_at_each_border():
    box = np.array([[-5, -3], [15, -3], [15, 25], [-5, 25]], np.float32)
    np.testing.assert_array_equal(clip_polygon(box, 10, 20), [[0, 0], [10, 0], [10, 20], [0, 20]])
    polygon = np.roll(TRAPEZOID, 1, axis=0)
    assert clip_polygon(polygon, 10, 5) is polygon  # it lies inside


def test_the_largest_piece_of_a_cut_polygon_stays():
    # A "U" lying on its back: its two arms reach into the image from above, 2 and 4 px wide, its base is outside.
    arms = np.array([[0, -5], [12, -5], [12, 6], [8, 6], [8, -2], [2, -2], [2, 6], [0, 6]], np.float32)
    np.testing.assert_array_equal(clip_polygon(arms, 20, 20), [[8, 0], [12, 0], [12, 6], [8, 6]])
    assert polygon_area(clip_polygon(BOW_TIE, 10, 10)) == pytest.approx(4.0)  # each half: base 4, height 2


@pytest.mark.parametrize(
    "polygon",
    [
        LINE,
        shift(LINE, 0, 3),
        shift(TRAPEZOID, 50, 0),
        shift(TRAPEZOID, 0, -50),
        shift(TRAPEZOID, 10, 0),
        TRAPEZOID[:2],
    ],
    ids=["collinear", "collinear inside", "right of the image", "above it", "touching it", "two vertices"],
)
def test_nothing_is_left_of_a_polygon_without_area_inside(polygon):
    assert clip_polygon(polygon, 10, 10) is None


def test_the_largest_simple_piece_and_the_fraction_that_it_is():
    for polygon, area, part in ((TRAPEZOID, 32.0, 1.0), (BOW_TIE, 4.0, 0.5)):
        piece, fraction = largest_simple_piece(polygon)
        assert (polygon_area(piece), fraction) == pytest.approx((area, part))
    for polygon in (LINE, LINE[:2], np.empty((0, 2))):
        assert largest_simple_piece(polygon) == (None, 0.0)


PENTAGRAM = np.array([[np.sin(4 * np.pi * i / 5), np.cos(4 * np.pi * i / 5)] for i in range(5)])


@pytest.mark.parametrize(
    ("vertices", "expected"),
    [
        (TRAPEZOID, False),
        (BOW_TIE, True),
        (PENTAGRAM, True),
        ([[0, 0], [9, 0], [9, 5], [4, 0], [0, 5]], False),
        ([[0, 0], [9, 0], [9, 0], [9, 5], [0, 5]], False),
    ],
    ids=["trapezoid", "bow tie", "pentagram", "touches itself", "repeated vertex"],
)
def test_only_polygons_that_cross_themselves_do(vertices, expected):
    assert crosses_itself(np.array(vertices, np.float64)) is expected


@pytest.mark.parametrize(("most", "expected"), [(4, True), (5, False)])
def test_the_five_crossings_of_a_pentagram_are_counted_once_each(most, expected):
    assert has_more_crossings(PENTAGRAM, most) is expected
