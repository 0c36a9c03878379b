"""Pixel augmentations change colours only, and only by chance that they are given."""

import numpy as np
import pytest

from ocr.transforms.pixels import PixelAugmentation, add_noise, cast_shadows

GROUPS = ["light", "colour", "shadow", "blur", "noise", "compression"]
OFF = dict.fromkeys(GROUPS, 0.0)
ALL = PixelAugmentation(**dict.fromkeys(GROUPS, 1.0))


def page():
    """Coloured text-like bars on paper, 96 x 64."""
    image = np.full((96, 64, 3), (230, 225, 210), np.uint8)
    image[8:88:12, 6:58] = (40, 30, 60)
    image[9:89:12, 6:58] = (40, 30, 60)
    return image


def augmented(augmentation, seed=0):
    return augmentation(page(), np.random.default_rng(seed))


def test_pixels_depend_on_the_generator_and_the_settings_only():
    np.random.seed(1)  # noqa: NPY002  (the global state that is checked)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, other = augmented(ALL, 1), augmented(ALL, 2)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert (first != other).any()
    for again in (ALL, PixelAugmentation(**dict.fromkeys(GROUPS, 1.0))):  # also after what was drawn before
        np.testing.assert_array_equal(augmented(again, 1), first)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_does_something_alone_and_leaves_its_input_as_it_is(group):
    image, changed = page(), 0
    for seed in range(5):
        result = PixelAugmentation(**OFF | {group: 1.0})(image, np.random.default_rng(seed))
        assert (result.shape, result.dtype) == ((96, 64, 3), np.uint8)
        changed += (result != page()).any()
        np.testing.assert_array_equal(image, page())
        np.testing.assert_array_equal(augmented(PixelAugmentation(**OFF), seed), page())
    assert changed


@pytest.mark.parametrize("group", ["blur", "light", "colour", "noise", "compression"])
def test_a_dark_square_stays_where_it_is(group):
    """Its centre of darkness is (58, 30); kernels of motion blur that lie off-centre would move it by up to 1.7 px."""
    image = np.full((80, 80, 3), 220, np.uint8)
    image[20:40, 48:68] = 20
    augmentation = PixelAugmentation(**OFF | {group: 1.0})
    for seed in range(40):
        grey = augmentation(image, np.random.default_rng(seed)).astype(float).mean(axis=2)
        darkness = np.clip(np.median(grey) - grey - 40, 0, None)  # 40: above all noise
        rows, columns = np.indices(grey.shape) + 0.5
        assert (columns * darkness).sum() / darkness.sum() == pytest.approx(58, abs=0.2)
        assert (rows * darkness).sum() / darkness.sum() == pytest.approx(30, abs=0.2)


@pytest.mark.parametrize("value", [-0.1, 1.1])
@pytest.mark.parametrize("group", GROUPS)
def test_a_probability_outside_0_to_1_is_refused_by_name(group, value):
    with pytest.raises(ValueError, match=rf"probability of {group} in \[0, 1\], got {value}"):
        PixelAugmentation(**{group: value})


def test_a_group_is_applied_as_often_as_its_probability_says():
    augmentation = PixelAugmentation(**OFF | {"noise": 0.3})
    rng = np.random.default_rng(0)
    changed = sum((augmentation(page(), rng) != page()).any() for _ in range(1000))
    assert changed == pytest.approx(300, abs=4 * np.sqrt(1000 * 0.3 * 0.7))


def test_noise_is_normal_and_independent_from_value_to_value():
    grey = np.full((200, 300, 3), 128, np.uint8)
    deviations = []
    for seed in range(30):
        noise = add_noise(grey, np.random.default_rng(seed)).astype(float) - 128
        deviations.append(noise.std())
        assert abs(noise.mean()) < 0.1
        # of a normal variable 68.3 % lie within one standard deviation; whole levels make it a little coarse
        assert np.mean(np.abs(noise) <= noise.std()) == pytest.approx(0.683, abs=0.1)
        for one, other in ((noise[1:], noise[:-1]), (noise[:, 1:], noise[:, :-1]), (noise[..., 1], noise[..., 0])):
            assert abs(np.mean(one * other) / noise.var()) < 0.02
    assert min(deviations) == pytest.approx(0.01 * 255, abs=1)
    assert max(deviations) == pytest.approx(0.06 * 255, abs=1)
    assert min(deviations) > 0.01 * 255 - 0.1
    assert max(deviations) < 0.06 * 255 + 0.1


@pytest.mark.parametrize("level", [0, 255])
def test_noise_stops_at_black_and_white(level):
    noisy = add_noise(np.full((50, 50, 3), level, np.uint8), np.random.default_rng(0)).astype(int)
    assert np.abs(noisy - level).max() < 0.06 * 255 * 4


def test_shadows_halve_or_quarter_parts_of_the_lower_half():
    image = np.full((80, 60, 3), (200, 120, 40), np.uint8)
    fractions = []
    for seed in range(20):
        shadowed = cast_shadows(image, np.random.default_rng(seed))
        assert {tuple(pixel) for pixel in shadowed.reshape(-1, 3)} <= {(200, 120, 40), (100, 60, 20), (50, 30, 10)}
        np.testing.assert_array_equal(shadowed[:40], image[:40])
        fractions.append(np.mean(shadowed[40:, :, 0] < 200))
    assert min(fractions) > 0
    assert max(fractions) > 0.3
    assert max(fractions) < 1
