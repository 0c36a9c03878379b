"""A teacher's soft map becomes training maps: warped into the transform, an ignore band left out."""

import numpy as np
import pytest

from ocr.geometry import flip_horizontal, rotation, scaling, translation
from ocr.label_maps.painting import build_targets
from ocr.label_maps.soft_maps import IgnoreBand, soften_targets, warp_map
from ocr.transforms.geometric import Letterbox, RandomTransform, Transform
from ocr.transforms.warping import warp_image
from tests.oracles.polygons import box

SQUARE = Transform(np.eye(3), 32, 32)
NOISE = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)


# ---- the ignore band


@pytest.mark.parametrize(
    ("band", "levels", "counted"),
    [
        # 0.1 * 255 = 25.5 and 0.6 * 255 = 153: levels 26 … 152 are unsure
        (IgnoreBand(), [0, 25, 26, 100, 152, 153, 200, 255], [1, 1, 0, 0, 0, 1, 1, 1]),
        (IgnoreBand(0.2, 0.8), [50, 51, 52, 203, 204, 205], [1, 1, 0, 0, 1, 1]),  # 51 and 204 exactly: the ends count
        (IgnoreBand(0.0, 1.0), [0, 1, 254, 255], [1, 0, 0, 1]),
        (IgnoreBand(0.5, 0.5), [0, 127, 128, 255], [1, 1, 1, 1]),
    ],
)
def test_the_band_leaves_out_what_lies_between_its_ends(band, levels, counted):
    counts = band.counts(np.array(levels, np.uint8))
    assert counts.tolist() == counted
    assert counts.dtype == np.uint8


@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.6), (0.6, 0.7), (0.1, 0.4), (0.1, 1.1), (0.6, 0.1)])
def test_a_band_out_of_its_range_is_refused(low, high):
    with pytest.raises(ValueError, match=rf"0 <= low <= 0.5 <= high <= 1 of an ignore band, got {low} and {high}"):
        IgnoreBand(low, high)


# ---- the map in the transform


def test_a_mirrored_transform_mirrors_the_map():
    np.testing.assert_array_equal(warp_map(NOISE, SQUARE, 32, 32), NOISE)
    mirrored = Transform(flip_horizontal(32), 32, 32)
    np.testing.assert_array_equal(warp_map(NOISE, mirrored, 32, 32), NOISE[:, ::-1])


def test_a_quarter_turn_moves_the_upper_left_corner_to_the_upper_right():
    soft = np.zeros((32, 32), np.uint8)
    soft[2:6, 4:12] = 200  # rows 2 … 5 from the top become columns 26 … 29, columns 4 … 11 become rows
    turned = warp_map(soft, Transform(rotation(90.0, 16, 16), 32, 32), 32, 32)
    expected = np.zeros((32, 32), np.uint8)
    expected[4:12, 26:30] = 200
    np.testing.assert_array_equal(turned, expected)


def test_outside_the_image_there_is_background():
    placed = warp_map(np.full((8, 16), 255, np.uint8), Transform(translation(5, 7), 32, 32), 16, 8)
    expected = np.zeros((32, 32), np.uint8)
    expected[7:15, 5:21] = 255  # up to the border, which is no half-way to the background
    np.testing.assert_array_equal(placed, expected)


def test_a_map_that_is_finer_or_coarser_than_the_image_lies_on_it():
    # An image of 64 x 32 px, its right half text; one map pixel stands for 4 x 4 or for half a pixel.
    for width, height in ((16, 8), (128, 64)):
        soft = np.zeros((height, width), np.uint8)
        soft[:, width // 2 :] = 255
        placed = warp_map(soft, Letterbox(64)(64, 32), 64, 32)
        assert (placed[:32, :30] == 0).all()
        assert (placed[:32, 34:] == 255).all()
        assert (placed[32:] == 0).all()  # padding
        assert abs(float(placed[:32].mean()) - 127.5) < 1  # its border lies in the middle


def test_a_transform_that_shrinks_the_map_averages_it():
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))  # columns 0 and 255 in turn
    placed = warp_map(stripes, Transform(scaling(0.25, 0.25), 32, 32), 64, 64)[:16, :16]
    assert np.abs(placed.astype(int) - 128).max() <= 1


@pytest.mark.parametrize("seed", range(3))
def test_map_and_image_stay_together_in_any_transform(seed):
    """Text is where the image is white, in the image and in its map."""
    page = np.zeros((120, 80, 3), np.uint8)
    page[20:60, 10:50] = 255
    transform = RandomTransform(96, scale=(0.7, 1.5), aspect=1.2, rotate=20.0, flip=0.5, shift=1.0)(
        80, 120, [box(10, 20, 50, 60)], np.random.default_rng(seed)
    )
    image, soft = warp_image(page, transform), warp_map(page[..., 0], transform, 80, 120)
    inside = warp_image(np.full_like(page, 255), transform).min(axis=-1) == 255
    assert soft.max() == 255
    assert np.abs(image[..., 0].astype(int) - soft)[inside].max() <= 2


# ---- the training maps


def test_the_soft_map_takes_the_place_of_the_shrunk_polygons_and_the_band_that_of_the_mask():
    targets = build_targets([box(4, 4, 28, 14)], [False], 32, 32)
    softened = soften_targets(targets, NOISE, IgnoreBand(0.1, 0.6))
    np.testing.assert_array_equal(softened.probability, NOISE[None])
    np.testing.assert_array_equal(softened.probability_mask[0], (NOISE <= 25) | (NOISE >= 153))
    np.testing.assert_array_equal(softened.threshold, targets.threshold)
    np.testing.assert_array_equal(softened.threshold_mask, targets.threshold_mask)


def test_a_map_of_hard_labels_gives_the_hard_targets():
    """What a perfect, certain teacher says of an image is what a person's labels say."""
    targets = build_targets([box(4, 4, 28, 14), box(6, 20, 30, 30)], [False, False], 32, 32)
    soft = warp_map(targets.probability[0], SQUARE, 32, 32)
    for ours, hard in zip(soften_targets(targets, soft, IgnoreBand()), targets, strict=True):
        np.testing.assert_array_equal(ours, hard)
        assert ours.dtype == np.uint8
