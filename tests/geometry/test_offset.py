"""Shrink distance, its two inverses, and the offset itself."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr.geometry import offset_polygon, polygon_area, shrink_distance
from ocr.geometry.mitre import measure_polygons
from ocr.geometry.offset import positive_root, unclip_distance_exact, unclip_distance_ratio
from ocr.geometry.packed import pack_polygons
from tests.oracles.polygons import box

DUMBBELL = np.array(
    [[0, 0], [20, 0], [20, 9], [40, 9], [40, -5], [70, -5], [70, 25], [40, 25], [40, 11], [20, 11], [20, 20], [0, 20]],
    np.float32,
)  # a 20 x 20 and a 30 x 30 square, joined by a bridge 2 px high


def exact_distance(polygon, shrink_ratio):
    sizes = measure_polygons(pack_polygons([np.asarray(polygon)]))
    return float(unclip_distance_exact(sizes.area, sizes.perimeter, sizes.gain, shrink_ratio)[0])


def ratio_distance(polygon, unclip_ratio):
    sizes = measure_polygons(pack_polygons([np.asarray(polygon)]))
    return float(unclip_distance_ratio(sizes.area, sizes.perimeter, unclip_ratio)[0])


def test_shrink_distance_is_the_papers():
    assert shrink_distance(box(3, 5, 33, 15), 0.4) == pytest.approx(300 * 0.84 / 80)
    assert shrink_distance(box(0, 0, 30, 10), 1.0) == 0.0
    for polygon in (box(0, 0, 9, 0), np.array([[0, 0], [4, 4], [4, 0], [0, 4]])):
        with pytest.raises(ValueError, match="expected a polygon with an area"):
            shrink_distance(polygon, 0.4)


@pytest.mark.parametrize("ratio", [0.0, -0.4, 1.01, math.nan])
@pytest.mark.parametrize("distance", [shrink_distance, exact_distance])
def test_a_shrink_ratio_outside_its_range_is_refused(distance, ratio):
    with pytest.raises(ValueError, match=r"expected a shrink_ratio in \(0, 1\]"):
        distance(box(0, 0, 30, 10), ratio)


@settings(deadline=None)  # the first call compiles
@given(sides=st.integers(4, 12), stretch=st.floats(1.0, 6.0), degrees=st.floats(0, 360), seed=st.integers(0, 1000))
def test_the_exact_distance_is_the_shrink_distance_of_the_polygon_that_it_leads_to(sides, stretch, degrees, seed):
    jitter = np.random.default_rng(seed).uniform(-0.2, 0.2, sides)
    angles = (np.arange(sides) + jitter) * 2 * np.pi / sides
    region = np.stack([60 * stretch * np.cos(angles), 60 * np.sin(angles)], axis=1)  # convex: it lies on an ellipse
    turn = np.radians(degrees)
    region = region @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    assume(max_turn(region) < math.radians(119))  # sharper corners are cut off square
    distance = exact_distance(region, 0.4)
    grown = shapely.Polygon(region).buffer(distance, join_style="mitre", mitre_limit=100.0)
    assert shrink_distance(np.array(grown.exterior.coords)[:-1], 0.4) == pytest.approx(distance, rel=1e-4)


def max_turn(polygon):
    edges = np.roll(polygon, -1, axis=0) - polygon
    headings = np.arctan2(edges[:, 1], edges[:, 0])
    return np.abs((np.diff(np.append(headings, headings[0])) + np.pi) % (2 * np.pi) - np.pi).max()


def test_the_exact_distance_undoes_an_erosion_with_rounded_inner_corners():
    bent = np.array([[0, 0], [120, 0], [120, 120], [80, 120], [80, 40], [0, 40]], np.float32)
    distance = shrink_distance(bent, 0.4)
    (region,) = offset_polygon(bent, -distance)
    assert exact_distance(region, 0.4) == pytest.approx(distance, rel=0.01)


@pytest.mark.parametrize("polygon", [np.zeros((1, 2)), np.array([[0, 0], [9, 0]]), box(0, 0, 9, 0)])
def test_a_region_without_area_moves_by_nothing(polygon):
    assert exact_distance(polygon, 0.4) == 0.0
    assert ratio_distance(polygon, 1.5) == 0.0


@pytest.mark.parametrize(
    ("factors", "root"),
    [
        ((1.0, 2.0, -8.0), 2.0),
        ((0.0, 4.0, -8.0), 2.0),
        ((1.0, 0.0, -9.0), 3.0),
        ((1.0, 2.0, 5.0), 0.0),
        ((0, 0, 0), 0.0),
    ],
)
def test_the_positive_root(factors, root):
    assert positive_root(*(np.array([factor]) for factor in factors)) == pytest.approx([root])


@pytest.mark.parametrize("step", [1, -1])
def test_an_offset_moves_each_edge_and_mitres_or_rounds_the_corners(step):
    (grown,) = offset_polygon(box(10, 20, 30, 26)[::step], 2.25, join="mitre")
    np.testing.assert_allclose(grown, box(7.75, 17.75, 32.25, 28.25), atol=2e-3)
    (grown,) = offset_polygon(box(10, 20, 30, 26)[::step], 2.0)  # the sum with a disc
    assert polygon_area(grown) == pytest.approx(120 + 52 * 2 + math.pi * 4, rel=2e-3)
    (shrunk,) = offset_polygon(box(10.3, 20.6, 30.3, 26.6)[::step], -1.1)  # fractions of a pixel are kept
    np.testing.assert_allclose(shrunk, box(11.4, 21.7, 29.2, 25.5), atol=2e-3)


def test_all_pieces_of_a_split_offset_come_back_largest_first():
    pieces = offset_polygon(DUMBBELL, -3.0)
    assert [round(polygon_area(piece)) for piece in pieces] == [24 * 24, 14 * 14]


@pytest.mark.parametrize(
    ("polygon", "distance"),
    [(np.zeros((1, 2)), -1.0), (np.zeros((4, 2)), -1.0), (np.empty((0, 2)), -1.0), (box(0, 0, 20, 4), -2.5)],
)
def test_where_nothing_is_left_there_is_no_offset(polygon, distance):
    assert offset_polygon(polygon, distance) == []
