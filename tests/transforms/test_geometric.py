"""How an original image is laid into the network's input."""

from dataclasses import replace

import numpy as np
import pytest

from ocr.geometry import flip_horizontal, rotation, scaling, translation
from ocr.transforms.geometric import Letterbox, RandomTransform, Transform

WORD = np.array([[40, 60], [70, 60], [70, 70], [40, 70]], dtype=np.float32)  # its centre is (55, 65)


def rng(seed=0):
    return np.random.default_rng(seed)


def at(transform, x, y):
    return (transform.original_to_input @ [x, y, 1.0])[:2]


@pytest.mark.parametrize(
    ("width", "height", "img_size", "width_scaled", "height_scaled"),
    [
        (1280, 960, 640, 640, 480),
        (960, 1280, 640, 480, 640),
        (708, 1501, 640, 302, 640),  # 708 * 640 / 1501 = 301.879: rounded up
        (705, 1501, 640, 301, 640),  # 705 * 640 / 1501 = 300.600
        (704, 1501, 640, 300, 640),  # 704 * 640 / 1501 = 300.173: rounded down
        (100, 50, 640, 640, 320),  # enlarged
        (640, 640, 640, 640, 640),
        (3000, 1, 640, 640, 1),  # 0.2 px high: at least one stays
    ],
)
def test_the_letterbox_scales_to_the_rounded_size_exactly(width, height, img_size, width_scaled, height_scaled):
    transform = Letterbox(img_size)(width, height)
    expected = np.diag([width_scaled / width, height_scaled / height, 1.0])
    np.testing.assert_array_equal(transform.original_to_input, expected)
    assert (transform.width_input, transform.height_input) == (img_size, img_size)


@pytest.mark.parametrize(
    ("width", "height", "width_input", "height_input"),
    [(708, 1501, 320, 640), (704, 1280, 352, 640), (1280, 706, 640, 384), (3000, 1, 640, 32), (5, 5, 640, 640)],
)
def test_padding_multiple_goes_up_to_the_next_32_only(width, height, width_input, height_input):
    transform = Letterbox(640, padding="multiple")(width, height)
    assert (transform.width_input, transform.height_input) == (width_input, height_input)
    np.testing.assert_array_equal(transform.original_to_input, Letterbox(640)(width, height).original_to_input)


@pytest.mark.parametrize(
    ("width", "height", "width_scaled", "height_scaled", "width_input", "height_input"),
    [
        (1280, 720, 1308, 736, 1312, 736),  # 1280 * 736 / 720 = 1308.4
        (720, 1280, 736, 1308, 736, 1312),
        (500, 500, 736, 736, 736, 736),
        (3000, 1000, 1600, 533, 1600, 544),  # 2208 px would be longer than 1600: 1000 * 1600 / 3000 = 533.3
        (3000, 1, 1600, 1, 1600, 32),
    ],
)
def test_a_short_side_is_scaled_to_its_size_unless_the_long_one_becomes_too_long(
    width, height, width_scaled, height_scaled, width_input, height_input
):
    letterbox = Letterbox(736, "multiple", resize="short_side", max_side=1600)
    transform = letterbox(width, height)
    expected = np.diag([width_scaled / width, height_scaled / height, 1.0])
    np.testing.assert_array_equal(transform.original_to_input, expected)
    assert (transform.width_input, transform.height_input) == (width_input, height_input)
    square = replace(letterbox, padding="square")(width, height)
    assert square.width_input == square.height_input == max(width_input, height_input)


@pytest.mark.parametrize("padding", ["square", "multiple"])
@pytest.mark.parametrize(("width", "height"), [(708, 1501), (1501, 708), (640, 1280), (33, 57), (100, 100)])
def test_a_random_transform_with_nothing_random_is_the_letterbox(padding, width, height):
    random = RandomTransform(640, padding)(width, height, [WORD], rng())
    plain = Letterbox(640, padding)(width, height)
    np.testing.assert_allclose(random.original_to_input, plain.original_to_input, rtol=0, atol=1e-12)
    assert (random.width_input, random.height_input) == (plain.width_input, plain.height_input)


def test_a_flip_maps_x_to_width_minus_x():
    # 256 x 128 into 128 px: the scale is 1/2, and the image fits, so nothing else moves it.
    transform = RandomTransform(128, flip=1.0)(256, 128, [], rng())
    np.testing.assert_allclose(at(transform, 0, 0), [128, 0], atol=1e-9)
    np.testing.assert_allclose(at(transform, 256, 128), [0, 64], atol=1e-9)
    np.testing.assert_allclose(at(transform, 100, 30), [(256 - 100) / 2, 15], atol=1e-9)


@pytest.mark.parametrize(("flip", "least", "most"), [(0.0, 0, 0), (0.5, 70, 130)])
def test_a_flip_happens_as_often_as_its_probability_says(flip, least, most):
    transforms = [RandomTransform(128, rotate=5.0, flip=flip)(256, 128, [], rng(seed)) for seed in range(200)]
    flipped = sum(np.linalg.det(transform.original_to_input) < 0 for transform in transforms)
    assert least <= flipped <= most  # 100 +- 4 standard deviations of 7.1


def test_the_scale_stays_in_its_range_and_covers_it():
    transforms = (RandomTransform(128, scale=(0.5, 2.0))(256, 256, [], rng(seed)) for seed in range(200))
    scales = np.array([transform.original_to_input[0, 0] for transform in transforms]) / (128 / 256)
    assert scales.min() > 0.5 - 0.5 / 64  # half a pixel of the smallest, 64 px, image
    assert scales.max() < 2 + 0.5 / 256
    assert scales.min() < 0.55
    assert scales.max() > 1.85
    assert np.mean(scales < 1) == pytest.approx(0.5, abs=0.15)  # log-uniform: 1 is the middle of 0.5..2


def test_the_aspect_stays_in_its_range_and_keeps_the_area():
    drawn = [RandomTransform(1024, aspect=1.5)(1024, 1024, [], rng(seed)).original_to_input for seed in range(50)]
    ratios = np.array([matrix[0, 0] / matrix[1, 1] for matrix in drawn])
    assert 1 / 1.51 < ratios.min() < 0.75
    assert 1.33 < ratios.max() < 1.51
    np.testing.assert_allclose([np.linalg.det(matrix) for matrix in drawn], 1, atol=2e-3)


def test_the_rotation_stays_in_its_range_and_goes_both_ways():
    drawn = [RandomTransform(1024, rotate=7.0)(1000, 1000, [], rng(seed)).original_to_input for seed in range(60)]
    angles = [np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])) for matrix in drawn]
    assert -7 <= min(angles) < -5
    assert 5 < max(angles) <= 7


def test_without_shift_an_image_that_fits_touches_the_top_left():
    transform = RandomTransform(128, scale=(0.5, 0.5), rotate=5.0)(100, 80, [], rng())
    corners = np.array([at(transform, x, y) for x in (0, 100) for y in (0, 80)])
    np.testing.assert_allclose(corners.min(axis=0), [0, 0], atol=1e-9)


def test_an_image_that_fits_stays_inside_wherever_it_is_shifted():
    for seed in range(20):
        transform = RandomTransform(128, scale=(0.5, 0.9), rotate=4.0, shift=1.0)(100, 100, [], rng(seed))
        corners = np.array([at(transform, x, y) for x in (0, 100) for y in (0, 100)])
        assert -1e-9 <= corners.min() < corners.max() <= 128 + 1e-9


def test_a_full_shift_uses_all_of_the_free_room():
    transforms = [RandomTransform(128, scale=(0.5, 0.5), shift=1.0)(128, 128, [], rng(seed)) for seed in range(100)]
    offsets = np.array([at(transform, 0, 0) for transform in transforms])
    assert offsets.min() < 5
    assert offsets.max() > 59  # 64 px are free
    assert offsets.max() <= 64


@pytest.mark.parametrize("padding", ["square", "multiple"])
@pytest.mark.parametrize(
    ("word", "held"),
    [(WORD, WORD), (np.float32([[10, 10], [290, 10], [290, 190], [10, 190]]), [(150, 100)])],
    ids=["word", "larger than the crop"],
)
def test_a_crop_holds_a_whole_word_or_the_centre_of_one_that_does_not_fit(padding, word, held):
    crop = RandomTransform(128, padding, scale=(3.0, 5.0), aspect=1.3, rotate=15.0, flip=0.5)
    for seed in range(30):
        transform = crop(300, 200, [word], rng(seed))
        for point in held:
            x, y = at(transform, *point)
            assert -1e-5 <= x <= transform.width_input + 1e-5
            assert -1e-5 <= y <= transform.height_input + 1e-5


@pytest.mark.parametrize("corner", [(0, 0), (299, 0), (299, 199), (0, 199)])
def test_a_crop_holds_words_in_the_corners_of_the_image_and_no_outside(corner):
    word = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32) + np.array(corner, dtype=np.float32)
    for seed in range(10):
        transform = RandomTransform(128, scale=(4.0, 4.0))(300, 200, [word], rng(seed))
        centre = at(transform, *(np.array(corner) + 0.5))
        assert ((centre >= -1e-6) & (centre <= 128 + 1e-6)).all()
        assert (at(transform, 0, 0) <= 1e-6).all()
        assert (at(transform, 300, 200) >= 128 - 1e-6).all()


def test_every_word_is_chosen_now_and_then():
    words = [WORD, WORD + np.float32([200, 100])]
    crop = RandomTransform(32, scale=(16.0, 16.0))  # of 19 px
    drawn = [crop(300, 200, words, rng(seed)) for seed in range(40)]
    seen = {tuple(bool(((at(v, *c) >= 0) & (at(v, *c) <= 32)).all()) for c in ((55, 65), (255, 165))) for v in drawn}
    assert seen == {(True, False), (False, True)}


def test_padding_multiple_makes_no_input_larger_than_needed():
    transform = RandomTransform(128, "multiple", scale=(0.5, 0.5))(100, 40, [], rng())
    assert (transform.width_input, transform.height_input) == (64, 32)  # 64 x 25.6 px of image
    transform = RandomTransform(128, "multiple", scale=(4.0, 4.0))(100, 40, [], rng())
    assert (transform.width_input, transform.height_input) == (128, 128)  # 512 x 205 px are cropped


@pytest.mark.parametrize("make", [Letterbox, RandomTransform])
def test_a_size_that_is_no_multiple_of_32_and_an_unknown_padding_are_refused(make):
    for img_size in (0, -32, 100):
        with pytest.raises(ValueError, match=f"positive multiple of 32, got {img_size}"):
            make(img_size)
    with pytest.raises(ValueError, match="padding to be square or multiple, got 'round'"):
        make(64, "round")


def test_a_resize_that_is_unknown_and_a_cap_that_cannot_hold_are_refused():
    with pytest.raises(ValueError, match="expected resize to be long_side or short_side, got 'width'"):
        Letterbox(64, resize="width")
    for max_side in (32, 100):
        with pytest.raises(ValueError, match=f"max_side as a multiple of 32, at least img_size=64, got {max_side}"):
            Letterbox(64, resize="short_side", max_side=max_side)
        assert Letterbox(64, max_side=max_side)(10, 5)[1:] == (64, 64)  # it is not read there


@pytest.mark.parametrize(
    ("letterbox", "words"),
    [
        (Letterbox(640), "a long side of 640 px"),
        (Letterbox(736, resize="short_side"), "a short side of 736 px, the long one up to 4096 px"),
    ],
)
def test_a_letterbox_says_how_large_it_shows_images(letterbox, words):
    assert str(letterbox) == words


@pytest.mark.parametrize(
    ("img_size", "scale", "shown"),
    [
        (1024, (0.7, 1.5), 1024),
        (640, (1.3, 2.4), 832),  # 640 x 1.3
        (448, (1.7, 4.3), 768),  # 448 x 1.7 = 761.6, and the next multiple of 32
        (640, (0.25, 0.5), 320),
    ],
)
def test_training_shows_images_at_its_size_or_as_near_to_it_as_the_scale_goes(img_size, scale, shown):
    assert RandomTransform(img_size, "multiple", scale=scale).letterbox == Letterbox(shown, "multiple")


@pytest.mark.parametrize(
    "settings",
    [{"scale": (0.0, 1.0)}, {"scale": (1.5, 0.7)}, {"aspect": 0.9}, {"flip": 1.1}, {"flip": -0.1}, {"shift": 2.0}],
)
def test_a_range_outside_its_limits_is_refused(settings):
    with pytest.raises(
        ValueError, match=r"expected 0 < scale\[0\] <= scale\[1\], aspect >= 1, flip and shift in \[0, 1\]"
    ):
        RandomTransform(64, **settings)


def test_the_largest_scale_is_that_of_the_direction_that_is_shrunk_least():
    turned = translation(7, 9) @ rotation(33.0) @ scaling(0.25, 0.5) @ flip_horizontal(80)
    assert Transform(turned, 32, 32).largest_scale == pytest.approx(0.5)
    assert Letterbox(320)(640, 960).largest_scale == pytest.approx(1 / 3, abs=1e-3)
