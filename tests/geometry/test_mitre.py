"""Edges moved out until they meet again."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr.geometry import offset_polygon, polygon_area, polygon_perimeter, signed_area
from ocr.geometry.mitre import measure_polygons, move_edges_out
from ocr.geometry.packed import pack_polygons, unpack_polygons
from tests.oracles.polygons import bent_line, box, iou, tilted_box

TRIANGLE = np.array([[0, 0], [2, 0], [1, math.sqrt(3)]])
WEDGE = np.array([[0, -1], [10, 0], [0, 1]])  # its tip turns by 168.6 degrees
BAY = np.array([[0, 0], [30, 0], [30, 20], [16, 20], [16, 5], [14, 5], [14, 20], [0, 20]])
NOTCH = np.array([[0, 0], [10, 0], [20, 3], [21, 3], [30, 0], [40, 0], [40, 10], [0, 10]])


def measure(polygon):
    area, perimeter, gain = measure_polygons(pack_polygons([np.asarray(polygon, np.float64)]))
    return float(area[0]), float(perimeter[0]), float(gain[0])


def move(polygon, distance):
    moved = move_edges_out(pack_polygons([np.asarray(polygon, np.float64)]), np.array([distance]))
    return unpack_polygons(moved.polygons)[0], bool(moved.is_simple[0])


@pytest.mark.parametrize("step", [1, -1])
def test_corners_gain_four_for_a_rectangle_and_pi_for_a_circle(step):
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    assert measure(tilted_box(5, 5, 30, 7, 33)[::step])[2] == pytest.approx(4.0, abs=1e-4)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert measure(circle[::step])[2] == pytest.approx(math.pi, abs=1e-3)
    # Mitred corners of an equilateral triangle turn by 120 degrees: 3 tan(60°) = 5.196.
    assert measure(TRIANGLE[::step])[2] == pytest.approx(5.196, abs=1e-3)


@pytest.mark.parametrize("polygon", [BAY, BAY[::-1], WEDGE, bent_line(150, 60, 200, 24, 50), box(1, 2, 9, 3)])
def test_measures_are_those_of_one_polygon_and_repeated_vertices_count_once(polygon):
    area, perimeter, _ = measure(polygon)
    assert area == pytest.approx(polygon_area(polygon))
    assert perimeter == pytest.approx(polygon_perimeter(polygon))
    assert measure(np.repeat(polygon, 2, axis=0)) == pytest.approx(measure(polygon))


@pytest.mark.parametrize("polygon", [[[3, 4]], [[0, 0], [3, 4]], [[0, 0], [5, 0], [9, 0]], [[1, 1], [1, 1]]])
def test_no_area_is_measured_as_none(polygon):
    area, perimeter, gain = measure(polygon)
    assert area == 0.0
    assert perimeter == pytest.approx(polygon_perimeter(polygon))
    assert gain >= math.pi


@pytest.mark.parametrize("step", [1, -1])
def test_each_edge_moves_out(step):
    moved, is_simple = move(box(10, 20, 30, 26)[::step], 2.25)
    assert is_simple
    np.testing.assert_allclose(moved, box(7.75, 17.75, 32.25, 28.25)[::step])
    moved, is_simple = move(BAY[::step], 0.9)  # of the bay 0.2 px are left
    assert is_simple
    assert polygon_area(moved) == pytest.approx(31.8 * 21.8 - 0.2 * 15)
    nothing = pack_polygons([])
    assert move_edges_out(nothing, np.empty(0)).polygons.points.shape == (0, 2)
    assert measure_polygons(nothing).area.shape == (0,)


def test_a_corner_below_sixty_degrees_is_cut_off_square():
    for step in (1, -1):
        moved, is_simple = move(WEDGE[::step], 0.5)
        assert is_simple
        assert len(moved) == 4
        assert moved[:, 0].max() == pytest.approx(10.5)  # the tip moves by the distance, not farther
        assert moved[:, 0].min() == pytest.approx(-0.5)
        assert signed_area(moved) * step > 0


@pytest.mark.parametrize(
    ("polygon", "distance"),
    [(BAY, 1.2), (NOTCH, 8.0), (np.repeat(TRIANGLE, 2, axis=0), 0.1), (WEDGE[[0, 1, 2, 1]], 0.1)],
    ids=["a bay closes", "a short edge vanishes", "vertices come twice", "there and back"],
)
def test_what_is_no_polygon_any_more_is_told(polygon, distance):
    assert not move(polygon, distance)[1]


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 1000), sides=st.integers(3, 12), distance=st.floats(0.0, 8.0), step=st.sampled_from([1, -1]))
def test_it_is_clippers_offset_and_encloses_what_the_measures_say(seed, sides, distance, step):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, sides))
    star = 50 + (np.stack([3 * np.cos(angles), np.sin(angles)]) * rng.uniform(6, 12, sides)).T
    moved, is_simple = move(star[::step], distance)
    assume(is_simple and polygon_area(star) > 50.0)
    assert iou(moved, offset_polygon(star, distance, join="mitre")[0]) > 0.998
    area, perimeter, gain = measure(star)
    if gain > math.pi:
        assert polygon_area(moved) == pytest.approx(area + perimeter * distance + gain * distance**2, rel=1e-6)
