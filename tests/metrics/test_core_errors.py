"""Scores with cores that are off, and the ratio that bears it."""

import pytest

from ocr.metrics import EvaluationResult, Ratios
from ocr.metrics.ceiling import find_ceiling
from ocr.metrics.core_errors import CoreErrorScores, score_core_errors, suggest_ratio
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox
from tests.metrics.test_ceiling import annotation

LABELS = [(annotation((20, 40, 220, 60), (20, 100, 120, 112)), 320, 320)]


def scores_of(shrink_ratio, cleval_hmean, iou_hmean):
    none = EvaluationResult(Ratios(1, 1, 1), Ratios(1, 1, 1), {})
    noisy = EvaluationResult(Ratios(1, 1, cleval_hmean), Ratios(1, 1, iou_hmean), {})
    return CoreErrorScores(640, shrink_ratio, none, none, none, noisy)


def test_every_size_is_scored_with_every_ratio_and_every_error():
    read = DBPostProcess(box_thresh=0.5)
    scores = score_core_errors(LABELS, Letterbox(64), read, core_error=1.0, sizes=[320, 640], shrink_ratios=[0.4, 0.8])
    assert [one[:2] for one in scores] == [(320, 0.4), (320, 0.8), (640, 0.4), (640, 0.8)]
    reader = DBPostProcess(box_thresh=0.5, shrink_ratio=0.8)
    errors = ({}, {"thinner": 1.0}, {"thinner": -1.0}, {"deviation": 1.0})
    assert list(scores[1][2:]) == [find_ceiling(LABELS, Letterbox(320), reader, **error).evaluation for error in errors]
    assert (scores[0].thin.iou.hmean, scores[1].thin.iou.hmean) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("scores", "suggested"),
    [
        ([(0.4, 0.98, 0.92), (0.6, 0.99, 0.97), (0.8, 0.97, 0.97)], 0.6),
        (
            [(0.4, 0.98, 0.92), (0.6, 0.99, 0.97), (0.8, 0.99, 0.9718)],
            0.6,
        ),  # means 0.98 and 0.9809: as good
        ([(0.4, 0.98, 0.92), (0.6, 0.99, 0.97), (0.8, 0.99, 0.9722)], 0.8),  # 0.9811
    ],
)
def test_the_smallest_ratio_that_is_as_good_as_the_best_is_suggested(scores, suggested):
    assert suggest_ratio([scores_of(*one) for one in scores]).shrink_ratio == suggested
