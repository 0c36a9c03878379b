"""Random changes of images."""

import numpy as np
import pytest

from baseline_code.datasets import ClassificationAugmentation

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


def draw(seed=0, image=NOISE, **options):
    return ClassificationAugmentation(**options)(image, np.random.default_rng(seed))


def test_the_rng_decides_and_the_image_stays_as_it_is():
    before = NOISE.copy()
    np.testing.assert_array_equal(draw(), NOISE)  # by default nothing changes
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


def test_zoom_never_brings_a_border_into_view_and_a_smaller_scale_does():
    white = np.full((16, 16, 3), 255, np.uint8)
    assert all(draw(seed, white, zoom=0.3, border="black").min() == 255 for seed in range(30))
    assert any(draw(seed, white, scale=(0.7, 1.0), border="black").min() == 0 for seed in range(30))


def test_zoom_and_scale_magnify_by_up_to_their_values():
    """A white square of 20 px in 80: 20 x 1.1 x 1.2 = 26.4 px wide at most, 20 x 0.9 = 18 px at least."""
    square = np.zeros((80, 80, 3), np.uint8)
    square[30:50, 30:50] = 255
    widths = [draw(seed, square, scale=(0.9, 1.1), zoom=0.2)[40, :, 0].sum() / 255 for seed in range(100)]
    assert 17.5 < min(widths) < 19
    assert 25.4 < max(widths) < 26.9


@pytest.mark.parametrize(("border", "values"), [("black", 0), ("edge", 30), ("reflect", 40)])
def test_borders(border, values):
    """Columns of 30, 40, 50, … moved right by a pixel: the first one is black, the edge again, or its neighbour."""
    ramp = np.repeat(np.arange(30, 230, 10, dtype=np.uint8)[None, :, None], 20, axis=0).repeat(3, axis=2)
    moved = (draw(seed, ramp, crop_padding=1, border=border) for seed in range(30))
    assert {int(image[10, 0, 0]) for image in moved if image[10, 1, 0] == 30} == {values}


def test_shift_reaches_its_fraction_and_no_more():
    line = np.zeros((40, 40, 3), np.uint8)
    line[:, 20] = 255
    centres = {int(draw(seed, line, shift=0.1, border="black")[20, :, 0].argmax()) for seed in range(300)}
    assert centres == set(range(17, 24))  # below 0.1 x 40 = 4 whole pixels either way


def test_rotation_turns_both_ways_and_no_further():
    """A point 30 px right of the centre: by 20 degrees it moves 30 sin 20° = 10.3 px up or down."""
    point = np.zeros((81, 81, 3), np.uint8)
    point[39:42, 69:72] = 255
    rows = [int(draw(seed, point, rotate=20)[:, :, 0].max(axis=1).argmax()) - 39 for seed in range(100)]
    assert -11 <= min(rows) < -8
    assert 8 < max(rows) <= 11


@pytest.mark.parametrize(
    ("setting", "low", "high"),
    [("brightness", (80, 80), (120, 240)), ("contrast", (110, 190), (90, 210)), ("saturation", (100, 200), (100, 200))],
)
def test_light_and_colour_change_by_up_to_their_factor(setting, low, high):
    """Grey levels 100 and 200: brightness by 0.8 to 1.2; contrast about their mean, 150; grey has no saturation."""
    image = np.array([[[100] * 3, [200] * 3]], np.uint8)
    drawn = np.array([draw(seed, image, **{setting: 0.2})[0, :, 0] for seed in range(200)], dtype=int)
    assert abs(drawn[:, 0] - 100).max() <= abs(np.array([low[0], high[0]]) - 100).max()
    assert abs(drawn[:, 1] - 200).max() <= abs(np.array([low[1], high[1]]) - 200).max()
    assert (len(set(drawn[:, 0].tolist())) > 5) == (setting != "saturation")


def test_saturation_moves_colours_from_grey():
    red = np.array([[[200, 0, 0]]], np.uint8)  # grey level 0.299 x 200 = 59.8
    reds = {int(draw(seed, red, saturation=0.5)[0, 0, 0]) for seed in range(200)}
    assert 129 <= min(reds) < 135  # half way: 129.9
    assert max(reds) == 255  # 59.8 + 1.5 x 140.2 = 270, cut off


def test_erasing_fills_one_rectangle_with_the_mean_colour():
    image = np.zeros((20, 20, 3), np.uint8)
    image[:, 10:] = 200
    for seed in range(20):
        erased = (draw(seed, image, erase=1, erase_area=(0.16, 0.16), erase_aspect=(4, 4)) == 100).all(axis=2)
        rows, columns = erased.any(axis=1).sum(), erased.any(axis=0).sum()
        assert (rows, columns, erased.sum()) == (4, 16, 64)  # 400 x 0.16 = 64 px, four times as wide as high


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
        (
            {"erase": 1, "erase_area": (0.5, 0.6), "erase_aspect": (1, 4)},
            r"expected erase_area from at most 0\.25, for rectangles of erase_aspect=",
        ),
    ],
)
def test_values_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ClassificationAugmentation(**options)
