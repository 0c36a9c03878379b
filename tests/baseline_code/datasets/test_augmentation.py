"""Random changes of images."""

import numpy as np
import pytest

from baseline_code.datasets import ClassificationAugmentation
from baseline_code.datasets.colour import jitter
from baseline_code.datasets.erasing import erase
from baseline_code.datasets.geometry import Placement, place

NOISE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
ALL = {
    "horizontal_flip": 0.5,
    "vertical_flip": 0.5,
    "rotate": 15,
    "shift": 0.1,
    "scale": (0.9, 1.1),
    "zoom": 0.1,
    "crop_padding": 4,
    "brightness": 0.2,
    "contrast": 0.2,
    "saturation": 0.1,
    "erase": 0.5,
}


def ramp(height=9, width=9):
    """Red rises by 10 per column, green by 10 per row."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :, 0] = 10 * np.arange(width)
    image[:, :, 1] = 10 * np.arange(height)[:, None]
    return image


def draw(seed=0, image=NOISE, **options):
    return ClassificationAugmentation(**options)(image, np.random.default_rng(seed))


def test_by_default_nothing_changes():
    np.testing.assert_array_equal(draw(), NOISE)


def test_the_rng_decides_and_the_image_stays_as_it_is():
    before = NOISE.copy()
    for seed in range(20):
        changed = draw(seed, **ALL)
        assert changed.shape == NOISE.shape
        assert changed.dtype == np.uint8
        np.testing.assert_array_equal(changed, draw(seed, **ALL))
    assert not np.array_equal(draw(0, **ALL), draw(1, **ALL))
    np.testing.assert_array_equal(NOISE, before)


def test_flips_mirror_left_and_right_or_top_and_bottom():
    np.testing.assert_array_equal(draw(horizontal_flip=1), NOISE[:, ::-1])
    np.testing.assert_array_equal(draw(vertical_flip=1), NOISE[::-1])
    np.testing.assert_array_equal(draw(horizontal_flip=1, vertical_flip=1), NOISE[::-1, ::-1])
    flipped = [np.array_equal(draw(seed, horizontal_flip=0.3), NOISE[:, ::-1]) for seed in range(300)]
    assert 0.2 < np.mean(flipped) < 0.4


def test_crop_padding_shifts_by_whole_pixels_up_to_its_value():
    padded = np.pad(NOISE, ((4, 4), (4, 4), (0, 0)))
    crops = {padded[y : y + 32, x : x + 32].tobytes(): (x, y) for y in range(9) for x in range(9)}
    seen = {crops[draw(seed, crop_padding=4, border="black").tobytes()] for seed in range(300)}
    assert {x for x, _ in seen} == {y for _, y in seen} == set(range(9))


def test_a_mirrored_and_shifted_image_is_not_interpolated():
    moved = place(NOISE, Placement(mirror=True, shift=(3.0, -2.0)), "black")
    np.testing.assert_array_equal(moved[:-2, 3:], NOISE[2:, ::-1][:, :-3])
    assert moved[-2:].max() == moved[:, :3].max() == 0


def test_a_quarter_turn_is_counter_clockwise_about_the_centre():
    np.testing.assert_array_equal(place(NOISE, Placement(degrees=90.0), "black"), np.rot90(NOISE))


def test_scale_magnifies_about_the_centre():
    enlarged = place(ramp(), Placement(scale=2.0), "edge")
    # The middle column 4 stays; two columns further are one column of the original further, 10 levels.
    assert enlarged[4, [2, 4, 6], 0].tolist() == [30, 40, 50]
    assert enlarged[[2, 4, 6], 4, 1].tolist() == [30, 40, 50]


@pytest.mark.parametrize(("border", "values"), [("black", [0, 0]), ("edge", [0, 0]), ("reflect", [20, 10])])
def test_borders(border, values):
    assert place(ramp(), Placement(shift=(2.0, 0.0)), border)[0, :4, 0].tolist() == [*values, 0, 10]


def test_zoom_never_brings_a_border_into_view():
    white = np.full((16, 16, 3), 255, np.uint8)
    assert all(draw(seed, white, zoom=0.3, border="black").min() == 255 for seed in range(30))
    assert any(draw(seed, white, scale=(0.7, 1.0), border="black").min() == 0 for seed in range(30))


def test_shift_reaches_its_share_and_no_more():
    line = np.zeros((40, 40, 3), np.uint8)
    line[:, 20] = 255
    centres = [
        float((draw(seed, line, shift=0.1, border="black")[20, :, 0].astype(float) / 255) @ np.arange(40))
        for seed in range(200)
    ]
    assert 16 - 0.1 <= min(centres) < 16.5  # 0.1 x 40 = 4 pixels either way
    assert 23.5 < max(centres) <= 24 + 0.1


def test_brightness_contrast_and_saturation_by_hand():
    image = np.array([[[100, 100, 100], [200, 200, 200]]], np.uint8)
    assert jitter(image, 1.2, 1, 1).tolist() == [[[120] * 3, [240] * 3]]
    assert jitter(image, 1, 0.5, 1).tolist() == [[[125] * 3, [175] * 3]]  # about the mean, 150
    assert jitter(image, 1.2, 0.5, 1).tolist() == [[[150] * 3, [210] * 3]]  # brightness first: 120, 240, about 180
    assert jitter(image, 2, 1, 1).tolist() == [[[200] * 3, [255] * 3]]
    red = np.array([[[200, 0, 0]]], np.uint8)  # grey level 0.299 x 200 = 59.8
    assert jitter(red, 1, 1, 0).tolist() == [[[60, 60, 60]]]
    assert jitter(red, 1, 1, 0.5).tolist() == [[[130, 30, 30]]]  # half way from 59.8: 129.9 and 29.9


def test_the_table_and_the_matrix_agree():
    np.testing.assert_allclose(jitter(NOISE, 1.1, 0.9, 1).astype(int), jitter(NOISE, 1.1, 0.9, 1.0001), atol=1)


def test_erasing_fills_a_rectangle_with_the_mean_colour():
    image = np.zeros((10, 10, 3), np.uint8)
    image[:, 5:] = 200
    erased = erase(image, area=0.16, aspect=4.0, centre=(0.5, 0.5))  # 8 wide, 2 high
    assert (erased == 100).all(axis=2).nonzero()[0].tolist() == [4] * 8 + [5] * 8
    assert erase(image, 0.16, 1.0, (0.0, 0.0))[:2, :2].tolist() == [[[100] * 3] * 2] * 2  # 4 x 4, a quarter within


def test_one_augmentation_leaves_the_draws_of_the_others_as_they_were():
    plain, brighter = draw(7, rotate=15, shift=0.1), draw(7, rotate=15, shift=0.1, brightness=0.2)
    factor = brighter.astype(float).sum() / plain.sum()
    assert abs(factor - 1) > 0.01
    np.testing.assert_allclose(brighter, np.clip(np.rint(plain * factor), 0, 255), atol=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizontal_flip": 1.5}, r"expected horizontal_flip in \[0, 1\], got 1.5"),
        ({"rotate": -5}, r"expected rotate in \[0, 180\], got -5"),
        ({"brightness": 2}, "expected brightness"),
        ({"scale": (1.1, 0.9)}, r"expected scale as \[low, high\] within .*, got \[1.1, 0.9\]"),
        ({"scale": (0, 1)}, "expected scale"),
        ({"erase_area": (0.5,)}, "expected erase_area"),
        ({"border": "white"}, "expected border among .*, got 'white'"),
        ({"shift": float("nan")}, "expected shift"),
    ],
)
def test_values_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ClassificationAugmentation(**options)
