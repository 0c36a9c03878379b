"""Polygons in normal form."""

import numpy as np
import pytest

from ocr.geometry import clip_polygon, largest_simple_piece, order_clockwise, polygon_area
from ocr.geometry.packed import pack_polygons, unpack_polygons
from ocr.geometry.polygons import at_least_four, order_polygons

TRAPEZOID = np.array([[2, 1], [8, 1], [10, 5], [0, 5]], np.float32)  # (6 + 10) / 2 * 4 = 32; sides 6, 10, 2 * sqrt(20)
BOW_TIE = np.array([[0, 0], [4, 4], [4, 0], [0, 4]], np.float32)
LINE = np.array([[0, 0], [5, 0], [9, 0]], np.float32)


def shift(polygon, dx, dy):
    return polygon + np.array([dx, dy], np.float32)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("step", [1, -1])
def test_order_is_clockwise_from_the_top_left(turn, step):
    box = np.array([[1, 2], [7, 2], [7, 4], [1, 4]], np.float32)
    np.testing.assert_array_equal(order_clockwise(np.roll(box[::step], turn, axis=0)), box)


def test_of_two_top_left_vertices_the_upper_one_is_first():
    diamond = np.array([[0, 2], [2, 0], [4, 2], [2, 4]], np.float32)  # x + y is 2 at (0, 2) and at (2, 0)
    np.testing.assert_array_equal(order_clockwise(diamond)[0], [2, 0])


def test_many_polygons_are_ordered_each_on_its_own():
    polygons = [TRAPEZOID[::-1], np.empty((0, 2), np.float32), np.roll(TRAPEZOID, 1, axis=0) + 7]
    for ordered, polygon in zip(unpack_polygons(order_polygons(pack_polygons(polygons))), polygons, strict=True):
        np.testing.assert_array_equal(ordered, order_clockwise(polygon))


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_a_triangle_gets_a_fourth_point_halfway_along_its_longest_edge(dtype):
    triangle = np.array([[0, 0], [8, 0], [0, 5]], dtype)  # the edge from (8, 0) to (0, 5); 2.5 is no whole number
    quad = at_least_four(triangle)
    assert quad.tolist() == [[0, 0], [8, 0], [4, 2 if dtype is np.int64 else 2.5], [0, 5]]
    assert quad.dtype == dtype
    assert at_least_four(quad) is quad


def test_a_polygon_inside_is_returned_as_it_is():
    polygon = np.roll(TRAPEZOID, 1, axis=0)
    assert clip_polygon(polygon, 10, 5) is polygon


def test_clipping_cuts_at_each_border():
    box = np.array([[-5, -3], [15, -3], [15, 25], [-5, 25]], np.float32)
    np.testing.assert_array_equal(clip_polygon(box, 10, 20), [[0, 0], [10, 0], [10, 20], [0, 20]])


def test_clipping_does_not_swap_width_and_height():
    box = np.array([[4, 2], [40, 2], [40, 6], [4, 6]], np.float32)
    np.testing.assert_array_equal(clip_polygon(box, 30, 10), [[4, 2], [30, 2], [30, 6], [4, 6]])


def test_the_largest_piece_of_a_cut_polygon_stays():
    # A "U" lying on its back: its two arms reach into the image from above, 2 and 4 px wide, its base is outside.
    arms = np.array([[0, -5], [12, -5], [12, 6], [8, 6], [8, -2], [2, -2], [2, 6], [0, 6]], np.float32)
    np.testing.assert_array_equal(clip_polygon(arms, 20, 20), [[8, 0], [12, 0], [12, 6], [8, 6]])


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


def test_a_bow_tie_is_clipped_to_one_of_its_halves():
    piece = clip_polygon(BOW_TIE, 10, 10)
    assert piece is not None
    assert polygon_area(piece) == pytest.approx(4.0)  # each half: base 4, height 2


def test_a_vertex_that_leaves_the_image_never_shifts_another_polygons_vertices():
    leaving = np.array([[-4, 2], [6, 2], [6, 6], [-4, 6]], np.float32)
    gone, inside = shift(leaving, -30, 0), shift(TRAPEZOID, 3, 3)
    clipped = [clip_polygon(polygon, 20, 20) for polygon in (leaving, gone, inside)]
    np.testing.assert_array_equal(clipped[0], [[0, 2], [6, 2], [6, 6], [0, 6]])
    assert clipped[1] is None
    np.testing.assert_array_equal(clipped[2], inside)


def test_the_largest_piece_of_a_simple_polygon_is_all_of_it():
    piece, fraction = largest_simple_piece(TRAPEZOID)
    assert fraction == 1.0
    assert polygon_area(piece) == pytest.approx(32.0)


def test_the_largest_piece_of_a_bow_tie_is_half_of_it():
    piece, fraction = largest_simple_piece(BOW_TIE)
    assert fraction == pytest.approx(0.5)
    assert len(piece) == 3


@pytest.mark.parametrize("polygon", [LINE, LINE[:2], np.empty((0, 2))])
def test_no_area_has_no_piece(polygon):
    assert largest_simple_piece(polygon) == (None, 0.0)
