"""Connected regions of a probability map, each with its outline and its score."""

import numpy as np
import pytest

from ocr.postprocess.regions import binarise, find_regions


def painted(*patches, height=40, width=60):
    """A map of zeros with (rows, columns, value) patches."""
    values = np.zeros((height, width), np.float32)
    for rows, columns, value in patches:
        values[rows, columns] = value
    return values


def test_a_region_knows_its_pixels_its_contour_and_its_mean_probability():
    values = painted((slice(5, 9), slice(10, 30), 0.9), (slice(5, 9), slice(10, 20), 0.5))
    (region,) = find_regions(values, 0.3, 0.4)
    assert region.pixels == 80
    assert region.score == pytest.approx(0.7)
    assert region.contour.min(axis=0).tolist() == [10, 5]
    assert region.contour.max(axis=0).tolist() == [29, 8]


def test_the_score_is_the_mean_over_the_region_not_over_its_upright_box():
    values = np.zeros((40, 40), np.float32)
    for i in range(30):
        values[i + 5, i + 2 : i + 6] = 0.8  # a diagonal stroke: it fills an eighth of its upright box
    (region,) = find_regions(values, 0.3, 0.4)
    assert region.score == pytest.approx(0.8)


def test_a_hole_is_filled_and_no_region_of_its_own():
    ring = painted((slice(5, 25), slice(10, 50), 0.9), (slice(12, 18), slice(20, 40), 0.1))
    (region,) = find_regions(ring, 0.3, 0.4)
    assert region.pixels == 20 * 40
    assert region.score == pytest.approx((680 * 0.9 + 120 * 0.1) / 800)


def test_a_word_in_a_frame_is_found():
    framed = painted(
        (slice(2, 38), slice(2, 58), 0.9), (slice(5, 35), slice(5, 55), 0.0), (slice(15, 20), slice(20, 40), 0.8)
    )
    assert sorted(region.pixels for region in find_regions(framed, 0.3, 0.0)) == [5 * 20, 36 * 56]


def test_regions_that_touch_at_a_corner_are_one():
    assert len(find_regions(painted((3, 3, 1.0), (4, 4, 1.0)), 0.3, 0.4)) == 1
    assert len(find_regions(painted((3, 3, 1.0), (5, 5, 1.0)), 0.3, 0.4)) == 2


def test_the_best_score_comes_first_and_equal_ones_in_reading_order():
    values = painted(
        (slice(30, 34), slice(40, 50), 0.9),
        (slice(2, 6), slice(5, 20), 0.6),
        (slice(20, 24), slice(30, 50), 0.6),
        (slice(20, 24), slice(5, 20), 0.6),
    )
    corners = [region.contour.min(axis=0).tolist() for region in find_regions(values, 0.3, 0.4)]
    assert corners == [[40, 30], [5, 2], [5, 20], [30, 20]]


def test_a_region_below_the_box_threshold_is_dropped():
    values = painted((slice(5, 9), slice(10, 30), 0.45))
    assert len(find_regions(values, 0.3, 0.44)) == 1
    assert find_regions(values, 0.3, 0.46) == []


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
def test_a_map_without_text_has_no_region(dtype):
    assert find_regions(np.zeros((40, 60), dtype), 0.3, 0.4) == []


@pytest.mark.parametrize(
    ("values", "thresh", "expected"),
    [
        (np.array([[76, 77]], np.uint8), 0.3, [0, 1]),  # 0.3 is 76.5
        (np.array([[51, 52]], np.uint8), 0.2, [0, 1]),  # 0.2 is 51: not above
        (np.array([[19660, 19661]], np.uint16), 0.3, [0, 1]),  # 0.3 is 19660.5
        (np.array([[0.3, 0.301]], np.float32), 0.3, [0, 1]),
        (np.array([[0, 255]], np.uint8), 1.0, [0, 0]),
        (np.array([[np.nan, 0.5]], np.float32), 0.3, [0, 1]),
    ],
)
def test_pixels_above_the_threshold_are_text(values, thresh, expected):
    assert binarise(values, thresh).tolist() == [expected]


@pytest.mark.parametrize(
    "values", [np.zeros((1, 40, 60), np.float32), np.zeros((40, 60), np.float64), np.zeros((40, 60), bool)]
)
def test_other_maps_are_refused(values):
    with pytest.raises(ValueError, match=r"expected a probability map of shape \(H, W\) and type float32, uint8"):
        find_regions(values, 0.3, 0.4)
