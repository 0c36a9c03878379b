"""Polygons to the four training maps."""

import numpy as np
import pytest

from ocr.label_maps.kernels import erase_inside
from ocr.label_maps.painting import DBTargets, build_targets
from ocr.label_maps.target_maps import stack_maps
from synthetic.receipts import generate_receipt
from tests.oracles.polygons import bent_line, box, tilted_box
from tests.oracles.published_maps import published_maps

SIDE = 1024
SCENES = {"quads": (4, 0.0), "14-point polygons": (14, 0.6)}  # points of a word, and how much the paper bends
BOW_TIE = np.array([[10, 10], [50, 30], [50, 10], [10, 30]], np.float32)
DUMBBELL = np.array(
    [[5, 5], [35, 5], [35, 18], [55, 18], [55, 5], [85, 5], [85, 35], [55, 35], [55, 22], [35, 22], [35, 35], [5, 35]],
    np.float32,
)


def targets(*polygons, ignore=None, height=48, width=96, **settings):
    return build_targets(list(polygons), ignore or [False] * len(polygons), height, width, **settings)


def where(values):
    """Rows and columns, first and last, of the pixels that are set."""
    rows, columns = np.nonzero(values[0])
    return rows.min(), rows.max(), columns.min(), columns.max()


def assert_background(maps):
    assert not maps.probability.any()
    assert not maps.threshold_mask.any()
    assert not maps.threshold.any()


def test_a_box_by_hand():
    maps = targets(box(20, 10, 60, 30), height=48, width=96)
    # D = 800 * 0.84 / 120 = 5.6. Shrunk: x 25.6 … 54.4, centres 26.5 … 53.5; y 15.6 … 24.4, centres 16.5 … 23.5.
    assert where(maps.probability) == (16, 23, 26, 53)
    assert (maps.probability == 255).sum() == 8 * 28
    # Dilated: x 14.4 … 65.6, centres 14.5 … 65.5; y 4.4 … 35.6, centres 4.5 … 35.5.
    assert where(maps.threshold_mask) == (4, 35, 14, 65)
    assert (maps.probability_mask == 1).all()
    # The centre (40.5, 10.5) lies 0.5 px inside: 1 - 0.5 / 5.6 = 0.9107 = 232.2 / 255, so does (40.5, 9.5) outside.
    assert maps.threshold[0, 10, 40] == 232
    assert maps.threshold[0, 9, 40] == 232
    assert maps.threshold[0, 20, 40] == 0
    assert maps.threshold[0, 0, 0] == 0


def test_a_pixel_centre_on_the_edge_of_a_shrunk_or_dilated_polygon_is_in_it():
    # D = 5.6. Shrunk, y 16.5 … 25.3: the centre 16.5 is on the edge. Dilated, y 4.5 … 35.7: so is the centre 4.5.
    assert where(targets(box(20, 10.9, 60, 30.9)).probability) == (16, 24, 26, 53)
    assert where(targets(box(20, 10.1, 60, 30.1)).threshold_mask) == (4, 35, 14, 65)


def test_a_polygon_that_hardly_shrinks_or_is_larger_than_the_image_is_painted():
    # D = 800 * (1 - 0.985²) / 120 = 0.199. Shrunk: y 10.399 … 30.001, dilated: y 10.001 … 30.399.
    maps = targets(box(20, 10.2, 60, 30.2), shrink_ratio=0.985)
    assert where(maps.probability) == where(maps.threshold_mask) == (10, 29, 20, 59)
    maps = targets(box(-500, -500, 600, 600))
    assert maps.probability.all()
    assert maps.threshold_mask.all()


def test_threshold_labels_run_from_three_to_seven_tenths():
    nothing, one = np.zeros((1, 2, 2), np.uint8), np.ones((1, 2, 2), np.uint8)
    floats = stack_maps(
        [DBTargets(255 * one, one, np.array([[[0, 255], [51, 0]]], np.uint8), nothing)], 3, 2
    ).as_floats()
    # 51 is a fifth of the way; the third row is padding: background that counts for the probability.
    np.testing.assert_allclose(floats.threshold[0, 0], [[0.3, 0.7], [0.38, 0.3], [0.3, 0.3]], atol=1e-6)
    assert floats.probability[0, 0].tolist() == [[1, 1], [1, 1], [0, 0]]
    assert floats.probability_mask.eq(1).all()
    assert floats.threshold_mask.eq(0).all()


@pytest.mark.parametrize(
    "polygons",
    [
        [box(10.4, 10.7, 60.2, 26.1)],
        [tilted_box(48, 24, 60, 17, 21)],
        [tilted_box(48, 24, 60, 17, 21)[::-1]],
        [bent_line(48, 20, 70, 14, 12)],
        [DUMBBELL],
        [box(5, 5, 50, 20), tilted_box(50, 20, 70, 14, -30)],
        [tilted_box(50, 20, 70, 14, -30), box(5, 5, 50, 20)],
        [box(-20, -8, 30, 12), box(70, 30, 120, 60)],
    ],
    ids=["box", "tilted", "counter-clockwise", "bent", "splits", "overlapping", "other order", "reaching outside"],
)
def test_the_maps_follow_the_papers_formulas_pixel_by_pixel(polygons):
    maps, expected = targets(*polygons), published_maps(polygons, [False] * len(polygons), 48, 96)
    np.testing.assert_array_equal(maps.probability[0], 255 * expected.probability)
    np.testing.assert_array_equal(maps.threshold_mask[0], expected.threshold_mask)
    np.testing.assert_allclose(maps.threshold[0], 255 * (expected.threshold - 0.3) / 0.4, atol=0.6)


def test_an_ignored_polygon_counts_nowhere_but_where_a_readable_word_lies_on_it():
    maps = targets(box(20, 10, 60, 30), ignore=[True])
    assert_background(maps)
    assert where(maps.probability_mask == 0) == (10, 29, 20, 59)
    # Of the word: rows 16.5 … 23.5, columns 30.5 … 59.5.
    word, region = box(30.2, 15.6, 59.8, 24.4), box(20, 10, 90, 40)
    for polygons, flags in (((word, region), [False, True]), ((region, word), [True, False])):
        maps = targets(*polygons, ignore=flags)
        expected = np.ones((48, 96), np.uint8)
        expected[10:40, 20:90] = 0
        expected[16:24, 30:60] = 1
        np.testing.assert_array_equal(maps.probability_mask[0], expected)
        np.testing.assert_array_equal(maps.probability, targets(word).probability)
        np.testing.assert_array_equal(maps.threshold, targets(word).threshold)


@pytest.mark.parametrize(("height", "trains"), [(2.9, False), (3.1, True)])
@pytest.mark.parametrize("degrees", [0, 90, 37])
def test_a_polygon_below_three_pixels_is_masked_out(height, trains, degrees):
    maps = targets(tilted_box(48, 24, 7, height, degrees))
    assert maps.probability.any() == trains
    assert maps.threshold_mask.any() == trains
    assert (maps.probability_mask == 1).all() == trains


def test_a_line_whose_shrunk_polygon_slips_between_the_pixel_centres_is_masked_out():
    # 90 x 4 px: D = 360 * 0.84 / 188 = 1.609, 0.78 px are left: y 20.61 … 21.39 (no centre), 20.11 … 20.89 (20.5).
    missed, met = targets(box(3, 19, 93, 23)), targets(box(3, 18.5, 93, 22.5))
    assert_background(missed)
    assert where(missed.probability_mask == 0) == (19, 22, 3, 92)
    assert where(met.probability)[:2] == (20, 20)
    assert (met.probability_mask == 1).all()


def test_a_bow_tie_is_masked_out():
    maps = targets(BOW_TIE)
    assert_background(maps)
    assert maps.probability_mask[0, 20, 12] == 0
    assert maps.probability_mask[0, 20, 48] == 0
    assert maps.probability_mask[0, 12, 30] == 1  # above the knot, in neither half


@pytest.mark.parametrize(
    "polygons",
    [
        [np.array([[10, 10], [50, 10], [90, 10], [50, 10]], np.float32)],
        [np.full((4, 2), 20, np.float32)],
        [np.array([[10, 10], [50, 30]], np.float32)],
        [np.empty((0, 2), np.float32)],
        [box(200, 10, 240, 30)],
        [box(-50, -40, -10, -20)],
        [box(20, 100, 60, 130)],
        [],
    ],
    ids=["collinear", "one point", "two vertices", "no vertex", "right of it", "above and left", "below it", "no word"],
)
def test_polygons_without_area_or_outside_the_image_add_nothing(polygons):
    for height, width in ((48, 96), (1, 96), (48, 1), (1, 1)):
        maps = targets(*polygons, height=height, width=width)
        assert {(values.shape, values.dtype) for values in maps} == {((1, height, width), np.dtype(np.uint8))}
        assert_background(maps)
        assert (maps.probability_mask == 1).all()


def scene(points, curve):
    """A receipt's labels at full size, of which every seventh word is ignored."""
    settings = {"regions": 110, "points": points, "curve": curve, "slant": 8.0, "illegible": 0.0}
    polygons = generate_receipt(3, points, width=SIDE, height=SIDE, **settings).polygons
    return polygons, [index % 7 == 0 for index in range(len(polygons))]


@pytest.mark.parametrize("kind", SCENES)
def test_a_whole_receipt_is_the_published_algorithms(kind):
    polygons, ignore = scene(*SCENES[kind])
    maps = build_targets(polygons, ignore, SIDE, SIDE)
    expected = published_maps(polygons, ignore, SIDE, SIDE)
    floats = stack_maps([maps], SIDE, SIDE).as_floats()
    assert np.abs(floats.threshold.numpy()[0, 0] - expected.threshold).mean() < 1e-3
    counted = expected.threshold_mask == 1
    assert np.abs(floats.threshold.numpy()[0, 0] - expected.threshold)[counted].max() < 0.5 * 0.4 / 255 + 1e-5
    for name in ("probability", "probability_mask", "threshold_mask"):
        assert (getattr(floats, name).numpy()[0, 0] != getattr(expected, name)).sum() <= 3, name  # ties
    assert (maps.probability_mask == 0).sum() > 1000


@pytest.mark.parametrize(
    ("other", "settings", "message"),
    [
        (box(1, 1, 9, 9), {"shrink_ratio": 0.0}, r"shrink_ratio in \(0, 1\], got 0.0"),
        (box(1, 1, 9, 9), {"shrink_ratio": 1.0}, "shrink_ratio below 1"),
        (box(1, 1, 9, 9), {"height": 0}, "height and width of at least 1 px, got 0 x 96"),
        (box(1, 1, 9, 9), {"width": 0}, "height and width of at least 1 px, got 48 x 0"),
        (box(1, 1, 9, 9), {"ignore": [False, True, True]}, "got 2 polygons and 3 flags"),
        (np.zeros(8), {}, r"finite \(K, 2\) vertices, got polygon 1"),
        (np.zeros((4, 3)), {}, r"finite \(K, 2\) vertices, got polygon 1"),
        (np.array([[0, 0], [9, 0], [9, np.nan]]), {}, r"finite \(K, 2\) vertices, got polygon 1"),
    ],
)
def test_what_cannot_be_painted_is_refused(other, settings, message):
    with pytest.raises(ValueError, match=message):
        targets(box(1, 1, 9, 9), other, **settings)


def test_only_pixels_whose_centre_lies_inside_are_erased():
    mask = np.ones((4, 6), np.uint8)
    erase_inside(np.array([[1.4, 0.6], [4.6, 0.6], [4.6, 2.4], [1.4, 2.4]]), mask)
    expected = np.ones((4, 6), np.uint8)
    expected[1, 1:5] = 0  # row 1: centre 1.5; columns 1 … 4: centres 1.5 … 4.5
    np.testing.assert_array_equal(mask, expected)
