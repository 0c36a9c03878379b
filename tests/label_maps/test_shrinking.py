"""Which polygons train, and by how much each is shrunk."""

import numpy as np
import pytest

from ocr.geometry.distance_field import holds_pixel_centre
from ocr.label_maps.shrinking import prepare_polygons
from tests.oracles.polygons import box, tilted_box

WORD = box(20, 10, 60, 30)  # D = 800 * 0.84 / 120 = 5.6
BOW_TIE = np.array([[10, 10], [50, 30], [50, 10], [10, 30]], np.float32)
LOOPED = np.array([[20, 10], [60, 10], [60, 31], [61, 31], [61, 30], [20, 30]], np.float32)


def test_each_word_is_shrunk_by_its_own_distance():
    triangle = np.array([[10, 10], [50, 10], [10, 40]], np.float32)  # D = 600 * 0.84 / (40 + 30 + 50)
    words = [WORD, tilted_box(50, 50, 40, 20, 30), np.empty((0, 2)), box(0, 0, 30, 30), WORD[:2], WORD, triangle]
    polygons = prepare_polygons(words, [False] * 5 + [True, False])
    # Points and lines are left out, what is ignored is not shrunk; of the third one D = 900 * 0.84 / 120.
    assert polygons.distances.tolist() == pytest.approx([5.6, 5.6, 6.3, 0, 4.2], abs=1e-4)
    assert polygons.polygons.starts.tolist() == [0, 4, 8, 12, 16, 19]
    np.testing.assert_array_equal(polygons.polygons.points[:4], WORD)
    assert prepare_polygons([WORD], [False], shrink_ratio=0.5).distances.tolist() == pytest.approx([800 * 0.75 / 120])
    nothing = prepare_polygons([], [])
    assert (nothing.polygons.points.shape, nothing.polygons.starts.tolist(), len(nothing.distances)) == ((0, 2), [0], 0)


@pytest.mark.parametrize(
    "polygon",
    [BOW_TIE, tilted_box(48, 24, 30, 2.9, 17), box(3, 19, 93, 23), np.full((4, 2), 20, np.float32)],
    ids=["bow tie", "too small", "between the pixel centres", "one point"],
)
def test_polygons_that_teach_nothing_right_are_masked_out_as_they_are(polygon):
    polygons = prepare_polygons([polygon, WORD], [False, False])
    assert polygons.distances.tolist() == pytest.approx([0.0, 5.6])
    np.testing.assert_array_equal(polygons.polygons.points[:4], polygon)


@pytest.mark.parametrize(("shrink_ratio", "distance"), [(0.4, 5.6), (0.98, 0.264)])
def test_a_polygon_with_a_small_loop_trains_without_it(shrink_ratio, distance):
    polygons = prepare_polygons([LOOPED, WORD], [False, False], shrink_ratio=shrink_ratio)
    assert polygons.distances.tolist() == pytest.approx([distance, distance])
    assert polygons.polygons.points.max(axis=0).tolist() == [60, 30]


def test_a_polygon_with_a_small_loop_that_is_masked_out_keeps_it():
    # without its loop 90 x 4 px, of which 0.78 px are left between the centres 20.5 and 21.5
    looped = np.array([[3, 19], [93, 19], [93, 23.2], [93.2, 23.2], [93.2, 23], [3, 23]], np.float32)
    polygons = prepare_polygons([looped], [False])
    assert polygons.distances.tolist() == [0.0]
    np.testing.assert_array_equal(polygons.polygons.points, looped)


@pytest.mark.parametrize(
    ("word", "distance"),
    [
        # 20 x 3 px: D = 60 * 0.84 / 46 = 1.096: y 23.096 … 23.904 holds the centres at 23.5
        (box(40, 22, 60, 25), 1.09565),
        # 40 x 2 px: D = 80 * 0.84 / 84 = 0.8: y 11.2 … 11.6 would hold the centres at 11.5
        (box(10, 10.4, 50, 12.4), 0),
    ],
)
def test_three_pixels_are_enough_and_two_are_not(word, distance):
    assert prepare_polygons([word], [False]).distances.tolist() == pytest.approx([distance], abs=1e-5)


# 2 px high at y = 4.6 … 6.6: the centres 5.5 and 4.6 + 1.9 = 6.5 lie 0.9 and 0.1 px deep.
@pytest.mark.parametrize(("distance", "expected"), [(0.85, True), (0.95, False)])
def test_a_shrunk_polygon_may_slip_between_the_pixel_centres(distance, expected):
    assert holds_pixel_centre(np.array([[10, 4.6], [30, 4.6], [30, 6.6], [10, 6.6]]), distance) is expected
