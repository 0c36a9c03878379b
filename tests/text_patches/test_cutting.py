"""Patches of given classes."""

import math

import cv2
import numpy as np
import pytest

from ocr.geometry import transform_polygon
from ocr.text_patches import cutting
from ocr.text_patches.cutting import ANGLES, HEIGHTS, Scene, class_names, cut_patches
from tests.oracles.polygons import box, tilted_box

PAPER = (235, 230, 220)


def scene_of(*words, width=600, height=400):
    image = np.full((height, width, 3), PAPER, np.uint8)
    cv2.fillPoly(image, [np.rint(word).astype(np.int32) for word in words], (20, 20, 20))
    return Scene(image, words)


def ink(patches):
    return patches.images.max(axis=3) < 128


def test_the_classes_are_background_and_every_height_with_every_angle():
    names = class_names()
    assert len(names) == 1 + (len(HEIGHTS) - 1) * (len(ANGLES) - 1)
    assert names[0] == "background"
    assert names[1:4] == ("7-11px -24..-8deg", "7-11px -8..8deg", "7-11px 8..24deg")
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("skew", [0, 12, -30])
def test_a_text_patch_shows_a_word_of_its_class_through_its_middle(skew):
    """A bar much longer than the patch: its ink is a stripe whose height and angle can be measured."""
    patches = cut_patches(scene_of(tilted_box(300, 200, 420, 24, skew)), 300, 96, np.random.default_rng(1))
    seen = 0
    for image, label in zip(ink(patches), patches.labels, strict=True):
        if label == 0:
            assert not image[31:65, 31:65].any()  # 0.2 of 96 px on each side of the centre, without its border
            continue
        if image[:, 0].any() and image[:, -1].any():  # the stripe crosses the whole patch
            seen += 1
            height_class, angle_class = divmod(label - 1, 3)
            columns = np.arange(96)
            middle = np.array([np.flatnonzero(image[:, column]).mean() for column in columns])
            angle = math.degrees(math.atan(np.polyfit(columns, middle, 1)[0]))
            thickness = image.sum(axis=0).mean() * math.cos(math.radians(angle))
            assert ANGLES[angle_class] - 1 <= angle <= ANGLES[angle_class + 1] + 1
            drawn = 25 / 24  # OpenCV fills the border too
            assert HEIGHTS[height_class] - 1 <= thickness / drawn <= HEIGHTS[height_class + 1] + 1
            assert image[48, 48]
    assert seen > 50


def test_a_standing_word_is_as_high_as_it_stands_and_turned_clockwise_about_the_middle():
    word = cutting._measure(tilted_box(100, 100, 20, 60, 5))
    assert (word.width, word.height) == pytest.approx((20, 60), abs=0.01)
    assert word.skew == pytest.approx(5, abs=0.01)
    matrix = cutting._centre_on((30.0, 40.0), 90.0, 2.0, 64)
    points = transform_polygon(np.array([[30, 40], [31, 40]], np.float32), matrix)
    np.testing.assert_allclose(points, [[32, 32], [32, 34]], atol=1e-5)


def test_a_word_that_is_labelled_twice_is_no_background():
    everywhere = box(-100, -100, 900, 900)
    patches = cut_patches(scene_of(everywhere, everywhere), 40, 32, np.random.default_rng(0))
    assert 0 not in patches.labels


@pytest.mark.parametrize("words", [[], [box(100, 100, 200, 104)]], ids=["none", "too small to enlarge"])
def test_an_image_without_words_gives_background_only_and_one_full_of_text_none(words):
    patches = cut_patches(scene_of(*words), 20, 32, np.random.default_rng(0))
    assert patches.labels.tolist() == [0] * 20
    patches = cut_patches(scene_of(box(-100, -100, 900, 900)), 40, 32, np.random.default_rng(0))
    assert 0 not in patches.labels
    assert 0 < len(patches.labels) < 40


def test_one_seed_gives_one_set_of_patches_with_every_class_among_them():
    scene = scene_of(box(100, 180, 500, 220))
    one, same, other = (cut_patches(scene, 400, 48, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one.images.shape == (400, 48, 48, 3)
    assert set(one.labels) == set(range(len(class_names())))
    np.testing.assert_array_equal(one.images, same.images)
    assert not np.array_equal(one.images, other.images)
