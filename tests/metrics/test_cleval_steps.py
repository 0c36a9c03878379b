"""The fast forms of CLEval's steps against the slow ones that the specification describes."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics.cleval_characters import (
    aspect_ratio_by_qhull,
    character_centres,
    count_characters,
    false_positive_characters,
    word_characters,
)
from ocr.metrics.cleval_clipping import convex_quads, intersection_areas
from ocr.metrics.cleval_polygons import pack_polygons

coordinates = st.one_of(st.integers(0, 30).map(float), st.floats(0, 1300, width=32))
outlines = st.lists(st.tuples(coordinates, coordinates), min_size=4, max_size=9).map(
    lambda points: np.array(points, dtype=np.float32)
)
fast = settings(max_examples=60, deadline=None)


def rectangle(left, top, width, height):
    return np.array(
        [[left, top], [left + width, top], [left + width, top + height], [left, top + height]], dtype=np.float32
    )


@fast
@given(st.lists(outlines, min_size=1, max_size=6))
@pytest.mark.parametrize("characters_of", [word_characters, false_positive_characters])
def test_counting_all_at_once_equals_counting_by_qhull_one_by_one(characters_of, polygons):
    one_by_one = [
        characters_of(np.array([aspect_ratio_by_qhull(polygon.astype(np.float64))]))[0] for polygon in polygons
    ]
    assert count_characters(pack_polygons(polygons), characters_of).tolist() == one_by_one


@pytest.mark.parametrize(
    ("polygon", "word", "false_positive"),
    [
        (rectangle(5, 5, 100, 20), 5, 5),  # round(0.5 + 5 - epsilon)
        (rectangle(5, 5, 20, 100), 5, 1),  # upright: round(0.5 + 0.2) as a false positive
        (rectangle(5, 5, 90, 20), 5, 5),  # round(0.5 + 4.5) = 5
        (rectangle(5, 5, 70, 20), 4, 4),  # round(0.5 + 3.5) = 4
        (rectangle(5, 5, 30, 30), 1, 1),  # round(0.5 + 1 - epsilon)
        (rectangle(5, 5, 1200, 2), 100, 100),  # capped
        (np.array([[0, 0], [10, 0], [20, 0], [30, 0]], np.float32), 100, 100),  # no hull: ar = 0
        (np.array([[7, 7]] * 4, np.float32), 100, 100),
    ],
)
def test_characters_follow_from_the_aspect_ratio(polygon, word, false_positive):
    packed = pack_polygons([polygon])
    assert count_characters(packed, word_characters).tolist() == [word]
    assert count_characters(packed, false_positive_characters).tolist() == [false_positive]


def test_centres_of_a_quad_lie_in_the_middle_of_equal_parts():
    packed = pack_polygons([rectangle(10, 0, 100, 20), rectangle(0, 40, 20, 20)])
    centres = character_centres(packed, np.array([5, 1]))
    assert centres.points.tolist() == [[20, 10], [40, 10], [60, 10], [80, 10], [100, 10], [10, 50]]


def test_interior_points_of_a_line_are_truncated_and_its_ends_are_not():
    packed = pack_polygons([np.array([[0.5, 0.5], [10.5, 0.5], [10.5, 4.5], [0.5, 4.5]], np.float32)])
    # Halfway, (5.5, 0.5) and (5.5, 4.5) become (5, 0) and (5, 4): x (0.5 + 5 + 0.5 + 5) / 4, y (0.5 + 0 + 4.5 + 4) / 4.
    assert character_centres(packed, np.array([2])).points.tolist() == [[2.75, 2.25], [7.75, 2.25]]


def test_a_bent_outline_gives_every_character_the_same_share_of_its_sections():
    # Two sections of 10 and 30 px above, the same below: two characters, one section each.
    bent = np.array([[0, 0], [10, 0], [40, 0], [40, 8], [10, 8], [0, 8]], np.float32)
    assert character_centres(pack_polygons([bent]), np.array([2])).points.tolist() == [[5, 4], [25, 4]]


@fast
@given(st.lists(outlines, min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_shared_areas_equal_those_of_shapely(polygons, seed):
    rng = np.random.default_rng(seed)
    corners = rectangle(0, 0, 600, 300) + rng.uniform(-40, 40, (len(polygons), 4, 2))
    quads = [quad[:: rng.choice([-1, 1])] for quad in corners.astype(np.float32)]
    indices = np.arange(len(polygons))
    packed = pack_polygons(quads)
    assert convex_quads(packed).all()
    expected = [
        shapely.intersection(shapely.make_valid(shapely.Polygon(polygon)), shapely.Polygon(quad)).area
        for polygon, quad in zip(polygons, quads, strict=True)
    ]
    areas = intersection_areas(packed, pack_polygons(polygons), indices, indices)
    np.testing.assert_allclose(areas, expected, rtol=1e-9, atol=1e-6)


def test_a_polygon_of_half_the_quad_shares_just_that_half():
    quad, half = rectangle(0, 0, 10, 4), rectangle(5, -3, 20, 20)
    first = np.array([0])
    assert intersection_areas(pack_polygons([quad]), pack_polygons([half]), first, first).tolist() == [20.0]


def test_only_quads_that_turn_one_way_may_clip():
    dart = np.array([[0, 0], [10, 0], [3, 3], [0, 10]], np.float32)
    bow_tie = rectangle(0, 0, 10, 4)[[0, 2, 1, 3]]
    line = np.array([[0, 0], [5, 0], [10, 0], [5, 0]], np.float32)
    pentagon = np.array([[0, 0], [10, 0], [12, 5], [5, 9], [-2, 5]], np.float32)
    quads = [rectangle(0, 0, 10, 4), rectangle(0, 0, 10, 4)[::-1], dart, bow_tie, line, pentagon]
    assert convex_quads(pack_polygons(quads)).tolist() == [True, True, False, False, False, False]
