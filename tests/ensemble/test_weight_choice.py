"""Weights that do best on a set of images."""

import numpy as np
import pytest

from ocr.ensemble.weight_search import choose_weights, simplex_grid
from ocr.probability_maps.fusion import normalise_weights


def peak_at(*targets):
    """A scorer: image n likes targets[n] best, and the less the farther the weights are."""
    asked = []

    def score(weightings, images):
        asked.extend(weightings)
        distances = [[np.abs(np.subtract(weights, targets[n])).sum() for n in images] for weights in weightings]
        return 1.0 - np.array(distances)

    return score, asked


ALL = np.array([0])


def test_the_grid_holds_all_multiples_of_the_step_that_sum_to_1():
    assert simplex_grid(2, 2) == [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)]
    assert sorted(simplex_grid(3, 2)) == sorted(
        [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)]
    )
    assert len(simplex_grid(3, 10)) == 66  # 12 over 2


@pytest.mark.parametrize(
    ("best", "found"),
    [
        ((1.0,), (1.0,)),
        ((0.66, 0.34), (0.65, 0.35)),  # to the nearest twentieth
        ((0.1, 0.71, 0.19), (0.1, 0.7, 0.2)),  # to the nearest tenth
        ((0.6, 0.0, 0.4, 0.0, 0.0), (0.6, 0.0, 0.4, 0.0, 0.0)),  # added one by one as they help
    ],
)
def test_the_best_weights_are_found(best, found):
    score, asked = peak_at(best)
    assert choose_weights(score, len(best), ALL) == found
    assert min(map(min, asked), default=0) >= 0
    np.testing.assert_allclose([sum(weights) for weights in asked], 1.0)
    assert len(set(asked)) <= 15 * 5 + 1


@pytest.mark.parametrize("members", [2, 3, 4, 6])
def test_equal_weights_win_where_the_weights_do_not_matter(members):
    assert choose_weights(lambda options, images: np.ones((len(options), 1)), members, ALL) == (1 / members,) * members


def test_the_mean_over_the_images_asked_for_decides():
    """Image 0 likes the first member, 1 and 2 the second."""
    score, _ = peak_at((1.0, 0.0), (0.0, 1.0), (0.0, 1.0))
    assert choose_weights(score, 2, np.array([0])) == (1.0, 0.0)
    assert choose_weights(score, 2, np.array([0, 1, 2])) == (0.0, 1.0)


def test_given_weights_are_brought_to_sum_1():
    assert normalise_weights([3, 1], 2) == (0.75, 0.25)
    assert normalise_weights(None, 4) == (0.25, 0.25, 0.25, 0.25)
