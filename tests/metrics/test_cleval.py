"""The leaderboard's CLEval: its golden file, and what its rules mean for a detector."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics import cleval
from tests.oracles.polygons import box

GOLDEN = json.loads((Path(__file__).parent / "cleval_golden.json").read_text())["cases"]
COUNTS = ("gt_chars", "det_chars", "fp_chars", "tp_chars", "recall_penalty", "precision_penalty")
COUNTS += ("splits", "merges", "overlapped_chars")


def polygon(flat):
    """A flat x, y list of the golden file; one of odd length has no points, so that it is skipped."""
    return np.array(flat if len(flat) % 2 == 0 else [], dtype=np.float32).reshape(-1, 2)


def score(ground_truth, detections, ignore=None):
    return cleval(ground_truth, ignore or [False] * len(ground_truth), detections)


# 100 x 20 px: aspect ratio 5 (less an epsilon), round(0.5 + 5) = 5 characters, 20 px each.
WORDS = [box(10, top, 110, top + 20) for top in (0, 50, 100, 150)]

word_boxes = st.builds(
    lambda column, row, width, height: box(column * 200, row * 60, column * 200 + width, row * 60 + height),
    st.integers(0, 4),
    st.integers(0, 9),
    st.integers(80, 760).map(lambda quarters: quarters / 4),
    st.integers(32, 200).map(lambda quarters: quarters / 4),
)
pages = st.lists(word_boxes, min_size=1, max_size=8, unique_by=lambda word: tuple(word[0]))
seeds = st.integers(0, 2**32 - 1)
fast = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_every_number_of_the_leaderboards_own_scorer_is_reproduced(case):
    ground_truth = [polygon(flat) for flat in case["ground_truth"]]
    result = cleval(ground_truth, case["ignore"], [polygon(flat) for flat in case["detections"]])
    assert len(GOLDEN) == 98
    numbers = dataclasses.asdict(result)
    assert numbers.keys() == case["expected"].keys()
    assert {name: numbers[name] for name in COUNTS} == {name: case["expected"][name] for name in COUNTS}
    for ratio in ("recall", "precision", "hmean"):
        assert numbers[ratio] == pytest.approx(case["expected"][ratio], abs=1e-6)


@fast
@given(pages)
def test_perfect_detections_score_one(words):
    result = score(words, words)
    assert (result.recall, result.precision, result.hmean) == (1.0, 1.0, 1.0)


@fast
@given(pages, seeds)
def test_the_order_of_ground_truths_and_detections_changes_nothing(words, seed):
    rng = np.random.default_rng(seed)
    ignore = rng.random(len(words)) < 0.2
    found = [word + rng.uniform(-15, 15, 2).astype(np.float32) for word in words + words[:2]]
    order, order_found = rng.permutation(len(words)), rng.permutation(len(found))
    shuffled = cleval([words[i] for i in order], ignore[order], [found[i] for i in order_found])
    assert shuffled == cleval(words, ignore, found)


@fast
@given(pages)
def test_each_duplicate_costs_its_characters_and_one_of_the_recall(words):
    result = score(words, [*words, words[0]])
    assert result.recall == pytest.approx((result.gt_chars - 1) / result.gt_chars)
    assert result.precision == pytest.approx(result.gt_chars / (result.gt_chars + result.overlapped_chars))
    assert (result.splits, result.recall_penalty) == (1, 1)


def test_lying_false_positives_cost_their_aspect_ratio_and_upright_ones_one_character():
    upright = box(300, 0, 310, 80)
    assert score(WORDS, [*WORDS, box(300, 0, 380, 10)]).fp_chars == 8  # 80 / 10, less an epsilon
    assert score(WORDS, [*WORDS, upright]).fp_chars == 1  # round(0.5 + 1 / 8) = 1
    # Anti-clockwise Qhull meets a long side first, so that 80 / 10 is the tied rectangles' width over height.
    assert score(WORDS, [*WORDS, upright[[0, 3, 2, 1]]]).fp_chars == 8


def test_a_collinear_detection_costs_a_hundred_characters():
    line = np.array([[0, 300], [50, 300], [100, 300], [150, 300]], dtype=np.float32)
    result = score(WORDS, [*WORDS, line])
    assert result.fp_chars == 100
    assert result.precision == pytest.approx(20 / 120)


def test_a_split_costs_one_of_the_recall_and_a_merge_one_of_the_precision():
    halves = [box(10, 0, 60, 20), box(60, 0, 110, 20)]
    # Centres at x = 20, 40, 60, 80, 100: the one on x = 60 is the right half's, whose left edge counts as inside.
    split = score(WORDS[:1], halves)
    assert (split.tp_chars, split.overlapped_chars, split.recall_penalty, split.recall) == (5, 0, 1, 4 / 5)
    merge = score(WORDS[:2], [box(10, 0, 110, 70)])
    assert (merge.tp_chars, merge.precision_penalty, merge.recall, merge.precision) == (10, 1, 1.0, 9 / 10)


@pytest.mark.parametrize(
    ("detection", "matched"),
    [
        (box(50, 10, 90, 30), True),  # the lower half hangs out; centres on its top edge y = 10 are inside
        (box(50, -10, 90, 10), False),  # the same on its bottom edge are not
        (box(60, 0, 90, 20), True),  # holds the centres at x = 60 (left edge) and x = 80
        (box(61, 0, 79, 20), False),  # between two centres
        (box(10, 0, 110, 66), True),  # AP = 20 / 66 = 0.303
        (box(10, 0, 110, 67), False),  # AP = 20 / 67 = 0.2985, below 0.3
    ],
)
def test_a_match_needs_a_centre_inside_and_thirty_percent_of_the_detections_area(detection, matched):
    assert (score(WORDS[:1], [detection]).tp_chars > 0) == matched


def test_a_detection_on_an_ignored_region_counts_on_neither_side():
    ignored, counted = WORDS[0], WORDS[1]
    covered = score([ignored, counted], [ignored, counted], [True, False])
    assert (covered.hmean, covered.gt_chars, covered.det_chars) == (1.0, 5, 5)
    partly = box(10, 0, 110, 66)  # 20 / 66 of it is ignored: 0.303
    assert score([ignored], [partly], [True]).fp_chars == 0
    mostly_outside = box(10, 0, 110, 67)  # 20 / 67: 0.2985; round(0.5 + 100 / 67) = 2 characters
    assert score([ignored], [mostly_outside], [True]).fp_chars == 2


def test_the_ground_truths_that_count_are_cut_out_of_an_ignored_region():
    page, word = box(0, 0, 200, 100), box(10, 10, 110, 30)
    result = score([page, word], [word], [True, False])
    assert (result.recall, result.precision) == (1.0, 1.0)


def test_only_the_first_500_detections_count():
    noise = [box(1000 + 20 * i, 1000, 1010 + 20 * i, 1010) for i in range(499)]
    assert score(WORDS[:1], [*noise, WORDS[0]]).recall == 1.0
    assert score(WORDS[:1], [*noise, noise[0], WORDS[0]]).recall == 0.0


@pytest.mark.parametrize(
    ("ground_truth", "detections", "ignore"),
    [([], [], []), (WORDS, [], [False] * 4), ([], WORDS, []), (WORDS, [], [True] * 4), (WORDS, WORDS, [True] * 4)],
    ids=["nothing at all", "no detection", "no word", "all ignored", "all ignored and found"],
)
def test_where_a_divisor_is_zero_the_score_is_zero(ground_truth, detections, ignore):
    result = cleval(ground_truth, ignore, detections)
    assert (result.recall, result.precision, result.hmean) == (0.0, 0.0, 0.0)


def test_polygons_with_fewer_than_four_points_are_skipped_with_their_flag():
    ground_truth = [WORDS[0][:3], WORDS[1], np.zeros((0, 2), np.float32), WORDS[2]]
    result = cleval(ground_truth, [True, False, False, True], [WORDS[0][:3], WORDS[1]])
    assert (result.gt_chars, result.det_chars, result.hmean) == (5, 5, 1.0)


def test_bad_input_is_refused_with_what_is_wrong():
    with pytest.raises(ValueError, match=r"expected one ignore flag per ground truth \(4\), got 1"):
        cleval(WORDS, [False], [])
    with pytest.raises(ValueError, match=r"expected a polygon of shape \(K, 2\), got \(8,\)"):
        cleval([], [], [np.zeros(8, np.float32)])
    with pytest.raises(ValueError, match=r"expected finite coordinates, got .*nan.* in polygon 1"):
        cleval([], [], [WORDS[0], np.full((4, 2), np.nan, np.float32)])
