"""The scores of a data set."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ocr.metrics import Evaluator, match_iou, score_image
from tests.oracles.polygons import box

# 100 x 20 px: five characters each.
WORDS = [box(0, top, 100, top + 20) for top in (0, 50, 100, 150)]


@pytest.fixture
def evaluator():
    evaluator = Evaluator()
    evaluator.update("whole.jpg", WORDS[:1], [False], WORDS[:1])
    evaluator.update("half.jpg", WORDS, [False] * 4, WORDS[:2])
    evaluator.update("missing.jpg", WORDS[:1], [False], [])
    return evaluator


def test_cleval_is_the_mean_over_images_and_iou_comes_from_pooled_counts(evaluator):
    # P: 1, 1, 0. R: 1, 10 / 20, 0. H: 1, 2 / 3, 0, whose mean is not the H of the mean P and R.
    assert evaluator.compute().cleval == pytest.approx((2 / 3, 0.5, 5 / 9))
    # 3 matches, 3 detections, 6 ground truths.
    assert evaluator.compute().iou == pytest.approx((1.0, 0.5, 2 / 3))
    evaluator.update("blank.jpg", [], [], [])
    assert evaluator.compute().cleval == pytest.approx((2 / 4, 1.5 / 4, 5 / 3 / 4))
    assert evaluator.compute().iou == pytest.approx((1.0, 0.5, 2 / 3))
    nothing = Evaluator().compute()
    assert (nothing.cleval, nothing.iou, nothing.images) == ((0, 0, 0), (0, 0, 0), {})


def test_the_dictionary_has_the_shape_of_the_score_file(evaluator):
    result = json.loads(json.dumps(evaluator.compute().to_dict()))
    assert result["overall"] == {
        "cleval": {"precision": pytest.approx(2 / 3), "recall": 0.5, "hmean": pytest.approx(5 / 9)},
        "iou": {"precision": 1.0, "recall": 0.5, "hmean": pytest.approx(2 / 3)},
    }
    assert list(result["images"]) == ["whole.jpg", "half.jpg", "missing.jpg"]
    ratios = {"recall": 0.5, "precision": 1.0, "hmean": pytest.approx(2 / 3)}
    none = ("fp_chars", "recall_penalty", "precision_penalty", "splits", "merges", "overlapped_chars")
    assert result["images"]["half.jpg"] == {
        "cleval": ratios | {"gt_chars": 20, "det_chars": 10, "tp_chars": 10} | dict.fromkeys(none, 0),
        "iou": ratios | {"matched": 2, "ground_truths": 4, "detections": 2, "mean_iou": 1.0},
    }


def test_the_worst_images_come_lowest_first_and_equal_ones_by_name(evaluator):
    evaluator.update("also_missing.jpg", WORDS[:1], [False], [])
    names = [name for name, _ in evaluator.compute().worst(3)]
    assert names == ["also_missing.jpg", "missing.jpg", "half.jpg"]
    assert len(evaluator.compute().worst(10)) == 4


def test_detections_reach_cleval_best_first_so_that_the_500_kept_are_the_best():
    noise = [box(1000 + 20 * i, 1000, 1010 + 20 * i, 1010) for i in range(500)]
    evaluator = Evaluator()
    evaluator.update("a.jpg", WORDS[:1], [False], [*noise, WORDS[0]], scores=np.linspace(0.1, 0.9, 501))
    assert evaluator.compute().images["a.jpg"].cleval.recall == 1.0
    evaluator.update("a.jpg", WORDS[:1], [False], [*noise, WORDS[0]], scores=np.linspace(0.9, 0.1, 501))
    assert evaluator.compute().images["a.jpg"].cleval.recall == 0.0


def test_a_second_update_and_a_merge_count_an_image_once(evaluator):
    evaluator.update("missing.jpg", WORDS[:1], [False], WORDS[:1])
    assert evaluator.compute().cleval.precision == 1.0
    other = Evaluator()
    other.update("whole.jpg", WORDS[:1], [False], WORDS[:1])
    other.update("new.jpg", WORDS[:1], [False], [])
    evaluator.merge(pickle.loads(pickle.dumps(other.records)))
    assert evaluator.compute().cleval.precision == pytest.approx(3 / 4)


def test_threads_may_score_images_side_by_side_and_hand_the_scores_in(evaluator):
    pages = {"whole.jpg": (WORDS[:1], WORDS[:1]), "half.jpg": (WORDS, WORDS[:2]), "missing.jpg": (WORDS[:1], [])}
    with ThreadPoolExecutor(3) as threads:
        scores = threads.map(lambda page: score_image(page[0], [False] * len(page[0]), page[1]), pages.values())
        other = Evaluator()
        other.merge(dict(zip(pages, scores, strict=True)))
    assert other.compute() == evaluator.compute()


def test_an_image_is_scored_best_detections_first():
    found = [box(0, 0, 60, 20), box(0, 0, 80, 20)]
    for scores, mean_iou in ((None, 0.6), ([0.5, 0.5], 0.6), ([0.3, 0.9], 0.8)):  # equal scores keep their order
        assert score_image(WORDS[:1], [False], found, scores).iou.mean_iou == pytest.approx(mean_iou)
    assert match_iou(WORDS[:1], [False], found, threshold=0.7).mean_iou == pytest.approx(0.8)
    assert score_image(WORDS[:1], [False], found).cleval.splits == 1


def test_reset_forgets_and_a_result_taken_before_stays(evaluator):
    result = evaluator.compute()
    evaluator.reset()
    assert (len(evaluator.records), len(result.images)) == (0, 3)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([0.5], r"page\.jpg: expected one score per detection \(2\), got an array of shape \(1,\)"),
        ([0.5, float("nan")], r"page\.jpg: expected scores that can be ordered, got NaN at \[1\]"),
    ],
)
def test_bad_scores_are_refused_with_the_name_of_the_image(scores, message):
    with pytest.raises(ValueError, match=message):
        Evaluator().update("page.jpg", WORDS, [False] * 4, WORDS[:2], scores=scores)
