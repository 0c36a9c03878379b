"""Shapes of words, differences between parts, and what follows for size and preset."""

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.data_report.advice import SIZES, advise_preset, advise_size
from ocr.data_report.brief import describe_briefly
from ocr.data_report.differences import find_differences
from ocr.data_report.word_shapes import measure_words
from ocr.datasets.word_counts import WordCounts
from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from tests.small_data import block


def annotation(*polygons, ignored=()):
    words = [Word(np.array(points, np.float32)) for points in polygons]
    words += [Word(np.array(points, np.float32), ignore=True) for points in ignored]
    return ImageAnnotation("a.png", words=tuple(words))


def measured(heights, size=(1000, 800), images=1):
    """Images with an upright word of each height, three times as long."""
    labels = annotation(*(block(0, 0, 3 * height, height) for height in heights))
    return measure_words([labels] * images, [size] * images)


def test_height_length_and_angle_are_those_of_the_least_rectangle_whatever_the_first_point():
    # 40 x 30: a diamond of sides (16, 12) and (-6, 8): 20 long, 10 high, running down by atan(3/4)
    slanted = [[10, 0], [26, 12], [20, 20], [4, 8]]
    shapes = measure_words(
        [annotation(block(0, 0, 30, 10), block(0, 0, 10, 30), slanted, slanted[2:] + slanted[:2])], [(100, 200)]
    )
    np.testing.assert_allclose(shapes.heights, [10, 10, 10, 10], atol=1e-4)
    np.testing.assert_allclose(shapes.lengths, [30, 30, 20, 20], atol=1e-4)
    np.testing.assert_allclose(shapes.angles, [0, 90, 36.8699, 36.8699], atol=1e-3)
    np.testing.assert_allclose(shapes.heights_at(100), [5, 5, 5, 5], atol=1e-4)  # 200 px become 100


def test_ignored_words_are_counted_and_not_measured():
    shapes = measure_words(
        [annotation(block(0, 0, 30, 10), ignored=[block(0, 0, 9, 9)]), annotation()], [(100, 50)] * 2
    )
    assert shapes.words.tolist() == [1, 0]
    assert shapes.ignored == 1
    assert shapes.heights_by_image()[0] == pytest.approx(0.1)
    assert np.isnan(shapes.heights_by_image()[1])
    assert shapes.to_dict(640)["words_per_image"] == [0.05, 0.5, 0.95]


def test_without_any_word_nothing_is_small_and_there_are_no_quantiles():
    shapes = measure_words([], [])
    assert shapes.small_fraction(640) == 0
    assert shapes.to_dict(640)["height_px"] is None


def test_the_smallest_size_is_advised_at_which_one_word_in_twenty_is_small():
    # 1000 px: 10 px are 8 px and more from 800 px on, 9 px from 889 px on
    advice = advise_size(measured([10] * 19 + [9]))
    assert advice.img_size == 800
    assert advice.small_fractions[640] == 1.0
    assert advice.small_fractions[800] == 0.05
    assert advice.small_fractions[960] == 0.0
    assert advise_size(measured([1])).img_size == SIZES[-1]


@pytest.mark.parametrize("images", [10, 1000])
@pytest.mark.parametrize("accelerator", [False, True])
def test_every_advised_preset_takes_the_size(images, accelerator):
    typed = advise_preset(images, 960, accelerator=accelerator).split()
    assert check_overrides(CONFIG_DIR, "train", typed)[0].datasets.img_size == 960


def test_parts_of_one_kind_have_no_difference_and_others_name_the_trait_and_both_medians():
    rng = np.random.default_rng(0)
    alike = [
        measure_words(
            [annotation(block(0, 0, 60, float(height))) for height in rng.uniform(20, 30, 40)], [(1000, 800)] * 40
        )
        for _ in range(2)
    ]
    small = measured([10], images=40)
    findings = find_differences({"train": alike[0], "val": alike[1], "test": small}, "train")
    assert [(finding.part, len(finding.places)) for finding in findings] == [("train", 0), ("val", 0), ("test", 1)]
    assert "height of the words, in % of the image's long side: 1 (median), in train 2." in findings[2].places[0].what


def test_few_images_differ_by_chance():
    findings = find_differences({"train": measured([30], images=3), "val": measured([10], images=3)}, "train")
    assert not any(finding.places for finding in findings)


def test_a_training_tells_three_lines():
    lines = describe_briefly(measured([10]), measured([10]), WordCounts(1, 0, 0), 640, 640)
    assert lines == [
        "1 images to train on, 1 to validate on; 1 of 1 words train (at 640 px)",
        "100% of the words are under 8 px at 640 px; datasets.img_size=800 would leave 0%",
        "validation images are of the same kind",
    ]
    assert (
        "differs: "
        in describe_briefly(measured([30], images=40), measured([10], images=40), WordCounts(1, 0, 0), 640, 640)[2]
    )
    assert len(describe_briefly(measured([]), measured([]), WordCounts(0, 0, 0), 640, 640)) == 2
