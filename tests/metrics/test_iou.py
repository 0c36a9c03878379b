"""ICDAR's one-to-one score at IoU 0.5."""

import numpy as np
import pytest

from ocr.metrics import match_iou
from tests.oracles.polygons import box

WORD = box(0, 0, 100, 20)


@pytest.mark.parametrize(
    ("detection", "iou"),
    [
        (WORD, 1.0),
        (WORD[::-1], 1.0),  # the winding does not matter
        (box(0, 0, 75, 20), 0.75),
        (box(25, 0, 125, 20), 75 / 125),
        (np.array([[0, 0], [50, 0], [100, 0], [100, 20], [0, 20]], np.float32), 1.0),
        (box(0, 0, 50, 20), 0),  # exactly one half is not above it
        (box(200, 0, 300, 20), 0),
        (WORD[:, ::-1], 0),  # x and y swapped: 20 x 20 of 3600
        (WORD[[0, 2, 1, 3]], 0),  # a bow tie holds half of the box
        (np.array([[0, 0], [30, 0], [60, 0], [100, 0]], np.float32), 0),
    ],
)
def test_a_detection_above_half_the_union_matches(detection, iou):
    score = match_iou([WORD], [False], [detection])
    matched = int(iou > 0)
    assert (score.matched, score.precision, score.recall, score.hmean) == (matched, matched, matched, matched)
    assert score.mean_iou == pytest.approx(iou)


def test_ground_truths_in_order_take_the_first_free_detection():
    score = match_iou([WORD], [False], [box(0, 0, 90, 20), WORD])
    assert (score.matched, score.precision, score.recall) == (1, 0.5, 1.0)
    assert score.mean_iou == pytest.approx(0.9)  # the first above the threshold, not the best
    stacked = [WORD, box(0, 2, 100, 22)]
    # Both detections fit both words (IoU 18 / 22): the first word takes the first, the second what is left.
    score = match_iou(stacked, [False, False], stacked[::-1])
    assert (score.matched, score.mean_iou) == (2, pytest.approx(18 / 22))


def test_a_detection_more_than_half_inside_an_ignored_region_does_not_count():
    ignored = box(0, 0, 100, 100)
    score = match_iou([ignored], [True], [box(0, 0, 10, 10), box(60, 0, 139, 10), box(60, 0, 140, 10)])
    # 40 / 79 of the second lies inside, and 40 / 80, not more than half, of the third.
    assert (score.ground_truths, score.detections, score.matched) == (0, 1, 0)
    score = match_iou([box(0, 0, 300, 300), WORD], [True, False], [WORD])  # a word inside loses its detection
    assert (score.ground_truths, score.detections, score.recall) == (1, 0, 0.0)


@pytest.mark.parametrize(
    ("ground_truth", "detections", "precision", "recall"),
    [([], [], 1.0, 1.0), ([WORD], [], 0.0, 0.0), ([], [WORD], 0.0, 1.0), ([WORD[:3]], [WORD[:3]], 1.0, 1.0)],
    ids=["nothing at all", "no detection", "no word", "only triangles"],
)
def test_empty_images_score_as_in_the_official_script(ground_truth, detections, precision, recall):
    score = match_iou(ground_truth, [False] * len(ground_truth), detections)
    assert (score.precision, score.recall) == (precision, recall)


def test_bad_input_is_refused_with_what_is_wrong():
    with pytest.raises(ValueError, match=r"expected an IoU threshold in \[0, 1\), got 50"):
        match_iou([], [], [], threshold=50)
    with pytest.raises(ValueError, match=r"expected one ignore flag per ground truth \(1\), got 0"):
        match_iou([WORD], [], [])
