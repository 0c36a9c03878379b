"""Weights found on labelled maps, and whether they are believed."""

import numpy as np
import pytest

from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.ensemble import WeightTable, search_weights
from ocr.geometry import scaling
from ocr.metrics import cleval
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import CacheError, ImageMap, MapCache, MapCacheWriter, fuse_maps
from tests.oracles.polygons import box

SETTINGS = {"thresh": 0.3, "box_thresh": 0.5, "shrink_ratio": 1.0}
WORDS = (box(8, 8, 56, 20), box(8, 30, 56, 42))


def painted(strengths):
    """(48, 64): a map with each of the two words as strong as that."""
    probability = np.zeros((48, 64), np.uint16)
    for (left, top), (right, bottom), strength in zip(
        (word[0].astype(int) for word in WORDS), (word[2].astype(int) for word in WORDS), strengths, strict=True
    ):
        probability[top:bottom, left:right] = round(65535 * strength)
    return probability


def cache(folder, strengths):
    with MapCacheWriter(folder, source={}) as writer:
        for number, strength in enumerate(strengths):
            record = ImageRecord(f"{number}.jpg", 128, 96, scaling(2.0))
            writer.add(ImageMap(record, painted(strength)), "0" * 64)
    return MapCache(folder)


def labels(count):
    words = tuple(Word(2 * word) for word in WORDS)
    return {f"{number}.jpg": ImageAnnotation(f"{number}.jpg", 128, 96, words) for number in range(count)}


def table(tmp_path, *members, **arguments):
    caches = [cache(tmp_path / f"member_{number}", strengths) for number, strengths in enumerate(members)]
    return WeightTable(caches, labels(len(members[0])), SETTINGS, **arguments)


SEES_BOTH = [(0.95, 0.95)] * 8
SEES_ONE = [(0.95, 0.0)] * 8


def test_a_cell_is_what_fusion_post_processing_and_cleval_give_for_it(tmp_path):
    scores = table(tmp_path, SEES_BOTH, SEES_ONE, space="logit").hmean([(0.7, 0.3), (0.3, 0.7)], np.array([2, 5]))
    record = ImageRecord("2.jpg", 128, 96, scaling(2.0))
    for row, weights in enumerate([(0.7, 0.3), (0.3, 0.7)]):
        maps = [ImageMap(record, painted(strength)) for strength in (SEES_BOTH[2], SEES_ONE[2])]
        fused = fuse_maps(maps, weights, space="logit").probability
        found = DBPostProcess(**SETTINGS)(fused, record.input_to_original, 128, 96)
        expected = cleval(labels(1)["0.jpg"].polygons, (False, False), found.polygons).hmean
        assert scores[row].tolist() == [expected, expected]


def test_each_weighting_is_scored_once(tmp_path):
    counted = []

    def track(sequence, description, total):
        counted.append(description)
        return sequence

    scores = table(tmp_path, SEES_BOTH, SEES_ONE, track=track)
    first = scores.hmean([(1.0, 0.0), (0.5, 0.5), (1.0, 0.0)], np.arange(8))
    again = scores.hmean([(0.5, 0.5), (1.0, 0.0)], np.arange(8))
    assert counted == ["images, 2 weightings"]
    np.testing.assert_array_equal(first[[1, 0]], again)


def test_a_member_that_spoils_the_others_loses_its_weight(tmp_path):
    """Half of 0.95 is below box_thresh: with equal weights the second word is lost in each image."""
    found = search_weights(table(tmp_path, SEES_BOTH, SEES_ONE))
    assert found.accepted
    assert found.weights == found.found
    assert 0.5 < found.found[0] < 1.0
    assert found.equal_hmean == pytest.approx(2 / 3, abs=0.01)  # precision 1, recall 1/2
    assert found.found_hmean == found.cross_fitted_hmean == pytest.approx(1.0, abs=0.01)
    assert found.gain.probability == 1.0
    assert found.images == 8


def test_weights_that_gain_nothing_stay_equal(tmp_path):
    found = search_weights(table(tmp_path, SEES_BOTH, SEES_BOTH, SEES_BOTH))
    assert not found.accepted
    assert found.weights == found.found == (1 / 3, 1 / 3, 1 / 3)
    assert found.gain.probability == 0.5


def test_a_gain_on_one_image_is_not_believed(tmp_path):
    """One image of eight gains; it is scored with weights that were found without it, so that it gains nothing."""
    second = [*SEES_BOTH[:7], SEES_ONE[0]]
    found = search_weights(table(tmp_path, SEES_BOTH, second))
    assert found.found_hmean > found.equal_hmean
    assert not found.accepted
    assert found.weights == (0.5, 0.5)
    assert found.found != (0.5, 0.5)
    assert found.cross_fitted_hmean == pytest.approx(found.equal_hmean)


def test_the_same_seed_gives_the_same_answer(tmp_path):
    rng = np.random.default_rng(0)
    members = [[tuple(pair) for pair in rng.uniform(0.3, 1.0, (6, 2))] for _ in range(2)]
    scores = table(tmp_path, *members)
    assert search_weights(scores, seed=3) == search_weights(scores, seed=3)


def test_too_few_images_and_labels_of_others_are_refused(tmp_path):
    with pytest.raises(CacheError, match=r"'8\.jpg'"):
        WeightTable([cache(tmp_path / "one", SEES_BOTH)], labels(9), SETTINGS)
    with pytest.raises(ValueError, match="two images at least"):
        search_weights(table(tmp_path, SEES_BOTH[:1], SEES_ONE[:1]))
