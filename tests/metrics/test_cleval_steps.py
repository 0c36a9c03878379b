"""The fast forms of CLEval's steps against the slow ones that the specification describes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.geometry.packed import pack_polygons
from ocr.metrics.cleval_aspect_ratio import aspect_ratio_by_qhull
from ocr.metrics.cleval_characters import (
    character_centres,
    count_characters,
    false_positive_characters,
    word_characters,
)
from tests.metrics.test_overlaps import any_polygon, fast
from tests.small_data import block


def rectangle(*sides):
    return np.array(block(*sides), np.float32)


def count_by_qhull(polygons, *, false_positives):
    """Characters of each polygon as the specification has them."""
    characters = false_positive_characters if false_positives else word_characters
    return [characters(aspect_ratio_by_qhull(polygon.astype(np.float64))) for polygon in polygons]


@fast
@given(st.lists(any_polygon, min_size=1, max_size=6), st.booleans())
def test_counting_all_at_once_equals_counting_by_qhull_one_by_one(polygons, false_positives):
    counts = count_characters(pack_polygons(polygons), false_positives=false_positives)
    assert counts.tolist() == count_by_qhull(polygons, false_positives=false_positives)


def random_rectangles(rng, kind):
    """600 upright rectangles that begin at any corner and run either way, as float32."""
    left_top, size = {
        "whole": (rng.integers(0, 1200, (600, 2)), rng.integers(1, 300, (600, 2))),
        "small, often square": (rng.integers(0, 12, (600, 2)), rng.integers(1, 12, (600, 2))),
        "any": (rng.uniform(-1000, 1000, (600, 2)), rng.uniform(0.05, 300, (600, 2))),
        "thin or huge": (rng.uniform(0, 1200, (600, 2)), np.exp(rng.uniform(-3, 9, (600, 2)))),
        "far off": (rng.uniform(-1e5, 1e5, (600, 2)), rng.uniform(1, 300, (600, 2))),
    }[kind]
    corners = left_top[:, None] + size[:, None] * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    around = [np.roll(rectangle_points, rng.integers(4), axis=0) for rectangle_points in corners.astype(np.float32)]
    return [rectangle_points[:: rng.choice([-1, 1])] for rectangle_points in around]


@pytest.mark.parametrize("kind", ["whole", "small, often square", "any", "thin or huge", "far off"])
def test_tied_edges_of_upright_rectangles_are_ordered_as_qhull_orders_them_without_it(kind, monkeypatch):
    rectangles = random_rectangles(np.random.default_rng(0), kind)
    expected = count_by_qhull(rectangles, false_positives=True)
    if kind == "whole":
        monkeypatch.setattr("scipy.spatial.ConvexHull", None)
    assert count_characters(pack_polygons(rectangles), false_positives=True).tolist() == expected


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
    assert count_characters(packed).tolist() == [word]
    assert count_characters(packed, false_positives=True).tolist() == [false_positive]


@pytest.mark.parametrize(
    ("polygon", "centres"),
    [
        (rectangle(10, 0, 100, 20), [[20, 10], [40, 10], [60, 10], [80, 10], [100, 10]]),
        (rectangle(0, 40, 20, 20), [[10, 50]]),
        # Interior points are truncated: halfway, (5.5, 0.5) and (5.5, 4.5) become (5, 0) and (5, 4).
        (rectangle(0.5, 0.5, 10, 4), [[2.75, 2.25], [7.75, 2.25]]),
        # Two sections of 10 and 30 px above, the same below: two characters, one section each.
        (np.array([[0, 0], [10, 0], [40, 0], [40, 8], [10, 8], [0, 8]], np.float32), [[5, 4], [25, 4]]),
    ],
    ids=["a quad", "a square", "fractions", "bent"],
)
def test_centres_lie_in_the_middle_of_equal_parts_of_each_section(polygon, centres):
    packed = pack_polygons([rectangle(0, 0, 9, 9), polygon])  # whatever is beside it
    assert character_centres(packed, np.array([1, len(centres)])).points.tolist()[1:] == centres
