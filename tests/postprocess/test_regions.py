"""Connected regions of a probability map, with their polygons and scores."""

import numpy as np
import pytest

from ocr.geometry.packed import unpack_polygons
from ocr.postprocess.regions import binarise, find_regions


def painted(*patches, height=40, width=60):
    """A map of zeros with (rows, columns, value) patches."""
    values = np.zeros((height, width), np.float32)
    for rows, columns, value in patches:
        values[rows, columns] = value
    return values


def find(values, box_thresh=0.4, max_candidates=500):
    return find_regions(values, 0.3, box_thresh, max_candidates)


def test_a_region_knows_its_pixels_its_contour_and_its_mean_probability():
    values = painted((slice(5, 9), slice(10, 30), 0.9), (slice(5, 9), slice(10, 20), 0.5))
    regions = find(values)
    assert regions.pixels.tolist() == [80]
    assert regions.scores == pytest.approx([0.7])
    (contour,) = unpack_polygons(regions.contours)
    assert contour.min(axis=0).tolist() == [10, 5]
    assert contour.max(axis=0).tolist() == [29, 8]


def test_a_hole_is_filled_and_no_region_of_its_own():
    ring = painted((slice(5, 25), slice(10, 50), 0.9), (slice(12, 18), slice(20, 40), 0.1))
    regions = find(ring, 0.0)
    assert regions.pixels.tolist() == [20 * 40]
    assert regions.scores == pytest.approx([(680 * 0.9 + 120 * 0.1) / 800])


def test_a_word_in_a_frame_is_found():
    framed = painted(
        (slice(2, 38), slice(2, 58), 0.9), (slice(5, 35), slice(5, 55), 0.0), (slice(15, 20), slice(20, 40), 0.8)
    )
    assert sorted(find(framed, 0.0).pixels) == [5 * 20, 36 * 56]


def test_regions_that_touch_at_a_corner_are_one():
    assert len(find(painted((3, 3, 1.0), (4, 4, 1.0))).pixels) == 1
    assert len(find(painted((3, 3, 1.0), (5, 5, 1.0))).pixels) == 2


def test_the_best_score_comes_first_and_equal_ones_in_reading_order():
    values = painted(
        (slice(30, 34), slice(40, 50), 0.9),
        (slice(2, 6), slice(5, 20), 0.6),
        (slice(20, 24), slice(30, 50), 0.6),
        (slice(20, 24), slice(5, 20), 0.6),
    )
    expected = [[40, 30], [5, 2], [5, 20], [30, 20]]
    for most in (500, 1):
        contours = unpack_polygons(find(values, max_candidates=most).contours)
        assert [contour.min(axis=0).tolist() for contour in contours] == expected[:most]


def test_the_box_threshold_is_compared_as_scores_are_returned():
    values = painted((slice(5, 9), slice(10, 30), 0.4))  # in float32 0.4 is a little above 0.4
    assert len(find(values, 0.4).scores) == 1
    assert len(find(values, float(np.float32(0.4))).scores) == 1
    assert len(find(values, float(np.nextafter(np.float32(0.4), np.float32(1)))).scores) == 0


def test_a_value_that_is_not_a_number_drops_only_the_region_beside_it():
    values = painted((slice(5, 9), slice(10, 30), 0.7), (slice(20, 24), slice(10, 30), 0.6))
    values[7, 20] = np.nan  # a hole
    values[21, 40] = np.nan
    assert find(values).scores == pytest.approx([0.6])


def test_a_map_that_is_a_view_of_another_one_is_read():
    values = painted((slice(5, 9), slice(10, 30), 0.7))
    assert find(values.T).pixels.tolist() == [80]
    assert find(np.repeat(values, 2, axis=1)[:, ::2]).pixels.tolist() == [80]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
def test_a_map_without_text_has_no_region(dtype):
    regions = find(np.zeros((40, 60), dtype))
    assert len(regions.scores) == len(regions.pixels) == len(unpack_polygons(regions.contours)) == 0
    assert regions.scores.dtype == np.float32


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
        find(values)
