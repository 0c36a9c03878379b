"""CLEval H, IoU H, or a weighted sum, split over the images."""

import numpy as np
import pytest

from ocr.calibration.grid import GridScores
from ocr.calibration.objective import describe_objective, iou_hmean, objective

ANY = np.zeros((2, 3))
SCORES = GridScores(
    precision=ANY,
    recall=ANY,
    hmean=np.array([[0.9, 0.8, 1.0], [0.7, 0.7, 0.7]]),
    matched=np.array([[3.0, 5.0, 0.0], [2.0, 2.0, 0.0]]),
    counted=np.array([[8.0, 10.0, 2.0], [8.0, 8.0, 0.0]]),
)


def test_the_iou_hmean_is_that_of_the_pooled_counts():
    """2 · 8 / 20 and 2 · 4 / 16."""
    np.testing.assert_allclose(iou_hmean(SCORES), [0.8, 0.5])


@pytest.mark.parametrize(("iou_weight", "means"), [(0.0, [0.9, 0.7]), (1.0, [0.8, 0.5]), (0.3, [0.87, 0.64])])
def test_its_mean_over_the_images_is_the_weighted_sum_of_both(iou_weight, means):
    np.testing.assert_allclose(objective(SCORES, iou_weight).mean(axis=1), means)


def test_an_image_counts_for_the_iou_by_its_boxes_and_one_without_any_as_the_mean():
    """0.8 + (6 - 0.8 · 8) / (20 / 3) = 0.74; an image of two false detections: 0.8 - 1.6 / (20 / 3) = 0.56."""
    parts = objective(SCORES, 1.0)
    np.testing.assert_allclose(parts[0], [0.74, 1.1, 0.56])
    np.testing.assert_allclose(parts[1], [0.5, 0.5, 0.5])


def test_the_spread_of_the_parts_is_that_of_the_resampled_hmean():
    rng = np.random.default_rng(0)
    counted = rng.integers(50, 150, (1, 200)).astype(float)
    matched = np.floor(counted / 2 * rng.uniform(0.8, 1.0, counted.shape))
    scores = GridScores(counted, counted, counted, matched, counted)
    draws = rng.integers(0, 200, (4000, 200))
    resampled = 2 * matched[0, draws].sum(axis=1) / counted[0, draws].sum(axis=1)
    error = objective(scores, 1.0).std() / np.sqrt(200)
    assert error == pytest.approx(resampled.std(), rel=0.05)


@pytest.mark.parametrize("images", [0, 2])
def test_without_anything_to_count_all_is_0(images):
    empty = GridScores(*[np.zeros((1, images))] * 5)
    assert iou_hmean(empty).tolist() == [0.0]
    assert objective(empty, 0.5).tolist() == [[0.0] * images]


@pytest.mark.parametrize(
    ("iou_weight", "words"), [(0.0, "CLEval H"), (1.0, "IoU H"), (0.3, "0.7 CLEval H + 0.3 IoU H")]
)
def test_it_is_told_in_words(iou_weight, words):
    assert describe_objective(iou_weight) == words
