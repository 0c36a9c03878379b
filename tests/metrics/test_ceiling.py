"""A perfect network's scores: labels drawn as probability maps, exactly or with cores that are off, and read back."""

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.metrics import EvaluationResult, Ratios
from ocr.metrics.ceiling import CoreErrorScores, find_ceiling, score_core_errors, suggest_ratio
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox


def annotation(*boxes, ignore=False):
    polygons = [np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float32) for x0, y0, x1, y1 in boxes]
    return ImageAnnotation("receipt.png", 320, 320, tuple(Word(polygon, ignore) for polygon in polygons))


def ceiling_of(labels, size=320):
    return find_ceiling([(labels, (320, 320))], Letterbox(size), DBPostProcess())


def test_words_that_the_size_can_hold_come_back_whole():
    found = ceiling_of(annotation((20, 20, 140, 50), (20, 100, 200, 130)))
    assert found.evaluation.cleval.hmean == 1.0
    assert found.evaluation.iou.hmean == 1.0
    assert found.mean_iou > 0.95


def test_a_word_that_is_too_small_for_the_size_is_lost():
    # 320 px become 32: the second word, 10 px high, is 1 px high there and no label trains it
    found = ceiling_of(annotation((20, 20, 300, 120), (20, 200, 300, 210)), size=32)
    assert found.evaluation.iou.recall == 0.5
    assert 0.25 < found.mean_iou <= 0.5


@pytest.mark.parametrize("labels", [annotation(), annotation((20, 20, 140, 50), ignore=True)])
def test_without_a_readable_word_there_is_nothing_to_score(labels):
    found = ceiling_of(labels)
    assert found.mean_iou == 0.0
    assert found.evaluation.iou.recall == 0.0


def test_the_fixed_ratio_costs_iou_and_no_cleval():
    labels = annotation((20, 20, 260, 44))
    found = find_ceiling([(labels, (320, 320))], Letterbox(320), DBPostProcess(unclip="ratio"))
    assert found.evaluation.cleval.hmean == 1.0
    assert found.mean_iou < 0.75


@pytest.mark.parametrize(
    ("shrink_ratio", "thinner", "iou"),
    [
        (0.4, 1.0, 0.0),  # a core of 182 x 2 px, not 185 x 5, is brought back to 190 x 10: an IoU of 0.47, no match
        (0.8, 1.0, 0.886),  # 192 x 12 px to 197.9 x 17.9
        (0.8, -100.0, 0.655),  # 200 x 20 px, the word itself, to 209.2 x 29.2
    ],
)
def test_a_core_that_is_off_makes_its_word_off_by_more(shrink_ratio, thinner, iou):
    """Of 200 x 20 px; the distances solve (w + 2 D) (h + 2 D) (1 - r²) = 2 (w + h + 4 D) D."""
    labels = [(annotation((20, 40, 220, 60)), (320, 320))]
    found = find_ceiling(labels, Letterbox(320), DBPostProcess(shrink_ratio=shrink_ratio), thinner=thinner)
    assert found.mean_iou == pytest.approx(iou, abs=0.005)


def test_cores_that_are_off_each_by_its_own_are_so_every_time():
    labels = [(annotation(*((20, 30 * row, 220, 30 * row + 20) for row in range(8))), (320, 320))]
    perfect, first, again = (
        find_ceiling(labels, Letterbox(320), DBPostProcess(), deviation=deviation).mean_iou
        for deviation in (0.0, 2.0, 2.0)
    )
    assert first == again < perfect - 0.1


LABELS = [(annotation((20, 40, 220, 60), (20, 100, 120, 112)), (320, 320))]


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
        ([(0.4, 0.98, 0.92), (0.6, 0.99, 0.97), (0.8, 0.99, 0.9718)], 0.6),  # means 0.98 and 0.9809: as good
        ([(0.4, 0.98, 0.92), (0.6, 0.99, 0.97), (0.8, 0.99, 0.9722)], 0.8),  # 0.9811
    ],
)
def test_the_smallest_ratio_that_is_as_good_as_the_best_is_suggested(scores, suggested):
    assert suggest_ratio([scores_of(*one) for one in scores]).shrink_ratio == suggested
