"""Scores of folds: each image once, by the detector of its fold."""

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.cross_validation.scores import print_fold_scores, score_folds
from ocr.postprocess import Detections
from tests.visualization.printing import printed

WORD = np.array([[10, 10], [60, 10], [60, 30], [10, 30]], np.float32)
FOUND = Detections([WORD], np.array([0.9], np.float32))
NOTHING = Detections([], np.zeros(0, np.float32))


def labelled(name):
    return ImageAnnotation(name, 100, 100, (Word(WORD),))


@pytest.fixture
def scores():
    """Fold 0 finds its one word; of fold 1's three images one is found, one is empty and one is missing."""
    labels = {name: labelled(name) for name in "abcd"}
    return score_folds([["a"], ["b", "c", "d"]], labels, {"a": FOUND, "b": FOUND, "c": NOTHING})


def test_mean_and_deviation_are_over_folds_and_the_rest_over_images(scores):
    assert [fold.cleval.hmean for fold in scores.folds] == pytest.approx([1, 1 / 3])
    assert scores.mean.hmean == pytest.approx(2 / 3)
    assert scores.deviation.hmean == pytest.approx((2 / 3) / 2**0.5)  # two values: their distance / sqrt(2)
    assert scores.pooled.cleval.hmean == pytest.approx(2 / 4)


def test_the_file_holds_folds_and_every_image(scores):
    content = scores.to_dict()
    assert [fold["images"] for fold in content["folds"]] == [1, 3]
    assert list(content["images"]) == ["a", "b", "c", "d"]
    assert content["overall"]["cleval"]["hmean"] == pytest.approx(0.5)
    assert content["mean"]["hmean"] == pytest.approx(2 / 3)


def test_people_see_every_fold_and_what_they_come_to(scores):
    said = printed(print_fold_scores, scores, width=100)
    for row in ("mean of folds", "deviation", "all images"):
        assert row in said
    assert "0.3333" in said
    assert "0.4714" in said
