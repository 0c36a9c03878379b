"""Shapes of words, differences between splits, and what follows for size and preset."""

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.data_report.advice import FINETUNED_AT, FINETUNED_SCALE, SIZES, advise_preset, advise_size
from ocr.data_report.brief import describe_briefly
from ocr.data_report.differences import find_differences
from ocr.data_report.word_shapes import measure_words
from ocr.datasets.word_counts import WordCounts
from ocr.transforms.geometric import Letterbox
from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from tests.commands import composed
from tests.small_data import block

AT_640 = Letterbox(640)


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
    np.testing.assert_allclose(shapes.heights_at(Letterbox(96)), [4.8] * 4, atol=1e-4)  # 200 px become 96


def test_ignored_words_are_counted_and_not_measured():
    shapes = measure_words(
        [annotation(block(0, 0, 30, 10), ignored=[block(0, 0, 9, 9)]), annotation()], [(100, 50)] * 2
    )
    assert shapes.words.tolist() == [1, 0]
    assert shapes.ignored == 1
    assert shapes.heights_by_image()[0] == pytest.approx(0.1)
    assert np.isnan(shapes.heights_by_image()[1])
    assert shapes.to_dict(AT_640)["words_per_image"] == [0.05, 0.5, 0.95]


def test_without_any_word_nothing_is_small_and_there_are_no_quantiles():
    shapes = measure_words([], [])
    assert shapes.small_fraction(AT_640) == 0
    assert shapes.to_dict(AT_640)["height_px"] is None


def test_the_smallest_size_is_advised_at_which_one_word_in_twenty_is_small():
    # 1000 px: 10 px are 8 px and more from 800 px on, 9 px from 889 px on
    advice = advise_size(measured([10] * 19 + [9]), AT_640)
    assert advice.img_size == 800
    assert advice.small_fractions[640] == 1.0
    assert advice.small_fractions[800] == 0.05
    assert advice.small_fractions[960] == 0.0
    assert advise_size(measured([1]), AT_640).img_size == SIZES[-1]


@pytest.mark.parametrize("images", [10, 2000])
@pytest.mark.parametrize("accelerator", [False, True])
def test_every_advised_preset_takes_the_size(images, accelerator):
    typed = advise_preset(measured([10], images=images), 960, accelerator=accelerator).split()
    assert check_overrides(CONFIG_DIR, "train", typed)[0].datasets.img_size == 960


def test_a_trained_start_is_advised_but_for_thousands_of_images_on_an_accelerator():
    start = "preset=ppocrv6_finetune models.weights=receipt_light"
    assert start in advise_preset(measured([10], images=1999), 960, accelerator=True)
    assert start in advise_preset(measured([10], images=2000), 960, accelerator=False)
    assert "preset=resnet50_unet_1024" in advise_preset(measured([10], images=2000), 960, accelerator=True)


def test_a_larger_size_is_trained_on_as_it_is_read():
    preset = composed("train", "preset=ppocrv6_finetune").datasets
    assert (preset.img_size, tuple(preset.train.scale)) == (FINETUNED_AT, FINETUNED_SCALE)
    for size in (480, 960):
        assert "datasets." not in advise_preset(measured([10]), size, accelerator=False)
    advised = composed("train", *advise_preset(measured([10]), 1280, accelerator=False).split()).datasets
    assert (advised.img_size, list(advised.train.scale), advised.train.img_size) == (1280, [1.73, 3.2], 640)


def test_photographs_with_slanted_words_get_the_preset_for_scenes():
    slanted = [[10, 0], [26, 12], [20, 20], [4, 8]]  # 36.9 degrees
    levels = [block(0, 0, 30, 10), block(0, 0, 10, 30)]  # along and upright: neither is slanted
    shapes = measure_words([annotation(slanted, *levels, *levels)] * 2, [(100, 200)] * 2)
    assert shapes.slanted_fraction() == pytest.approx(0.2)
    assert "ppocrv6_scene" not in advise_preset(shapes, 960, accelerator=False)  # a fifth is no more than a fifth
    shapes = measure_words([annotation(slanted, *levels)], [(100, 200)])
    assert advise_preset(shapes, 960, accelerator=False) == "preset=ppocrv6_scene"
    assert check_overrides(CONFIG_DIR, "train", ["preset=ppocrv6_scene"])
    assert measure_words([], []).slanted_fraction() == 0


def test_splits_of_one_kind_have_no_difference_and_others_name_the_trait_and_both_medians():
    rng = np.random.default_rng(0)
    alike = [
        measure_words(
            [annotation(block(0, 0, 60, float(height))) for height in rng.uniform(20, 30, 40)], [(1000, 800)] * 40
        )
        for _ in range(2)
    ]
    small = measured([10], images=40)
    findings = find_differences({"train": alike[0], "val": alike[1], "test": small}, "train")
    assert [(finding.split, len(finding.places)) for finding in findings] == [("train", 0), ("val", 0), ("test", 1)]
    assert "height of the words, in % of the image's long side: 1 (median), in train 2." in findings[2].places[0].what


def labelled(texts):
    """An image whose words have these texts."""
    words = [Word(np.array(block(0, 0, 60, 20), np.float32), text=text) for text in texts]
    ignored = Word(np.array(block(0, 0, 60, 20), np.float32), text="not read", ignore=True)
    return measure_words([ImageAnnotation("a.png", words=(*words, ignored))], [(1000, 800)])


def test_texts_with_a_space_are_phrases_and_few_texts_say_nothing():
    assert labelled(["NET TOTAL", " 4.20 "] * 25).phrase_fraction == 0.5
    assert labelled(["NET TOTAL"] * 49 + ["", " "]).phrase_fraction is None


def test_a_split_that_is_labelled_by_words_beside_one_of_phrases_differs_also_where_it_may_show_anything():
    shapes = {
        "train": labelled(["NET TOTAL", "4.20"] * 25),
        "val": labelled(["NET TOTAL", "4.20", "CASH"] * 20),  # 33 %: near enough
        "data/scenes": labelled(["EXIT"] * 50),
    }
    findings = find_differences(shapes, "train", ["data/scenes"])
    assert [(finding.split, [fault.what for fault in finding.places]) for finding in findings] == [
        ("train", []),
        ("val", []),
        ("data/scenes", ["texts with a space: 0%, in train 50%: words or phrases?"]),
    ]


def test_few_images_differ_by_chance():
    findings = find_differences({"train": measured([30], images=3), "val": measured([10], images=3)}, "train")
    assert not any(finding.places for finding in findings)


def test_a_training_tells_three_lines():
    lines = describe_briefly(measured([10]), measured([10]), WordCounts(1, 0, 0), 640, AT_640)
    assert lines == [
        "1 images to train on, 1 to validate on; 1 of 1 words train (at 640 px)",
        "100% of the words are under 8 px at a long side of 640 px; datasets.img_size=800 would leave 0%",
        "validation images are of the same kind",
    ]
    assert (
        "differs: "
        in describe_briefly(measured([30], images=40), measured([10], images=40), WordCounts(1, 0, 0), 640, AT_640)[2]
    )
    assert len(describe_briefly(measured([]), measured([]), WordCounts(0, 0, 0), 640, AT_640)) == 2


def test_sizes_of_the_short_side_count_by_the_short_side():
    # 1000 x 800, short side 640: 0.8 of it, so 10 px are 8; the long side, 640, would make them 6.4
    shapes, letterbox = measured([10]), Letterbox(640, resize="short_side", max_side=960)
    assert shapes.small_fraction(letterbox) == 0
    assert advise_size(shapes, letterbox).small_fractions[480] == 1
    line = describe_briefly(shapes, shapes, WordCounts(1, 0, 0), 640, letterbox)[1]
    assert line == "0% of the words are under 8 px at a short side of 640 px, the long one up to 960 px"
    limited = Letterbox(640, resize="short_side", max_side=704)  # 1000 px become 704, and 10 px 7.04
    assert limited.scale(1000, 800) == pytest.approx(0.704)
    assert shapes.small_fraction(limited) == 1
