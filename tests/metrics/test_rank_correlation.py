"""Spearman's rank correlation."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from ocr.metrics.rank_correlation import rank_correlation


@pytest.mark.parametrize(
    ("first", "second", "rho"),
    [
        ([0.1, 0.2, 0.9], [5, 6, 7], 1.0),  # the order alone counts
        ([0.1, 0.2, 0.9], [7, 6, 5], -1.0),
        ([1, 2, 3], [1, 3, 2], 0.5),  # 1 - 6 (0 + 1 + 1) / (3 (9 - 1))
        ([1, 2, 3, 4], [2, 1, 4, 3], 0.6),  # 1 - 6 * 4 / (4 * 15)
        ([1, 1, 2], [1, 2, 3], 0.75**0.5),  # ranks 1.5, 1.5, 3 against 1, 2, 3: 1.5 / sqrt(1.5 * 2)
    ],
)
def test_ranks_are_compared(first, second, rho):
    assert rank_correlation(first, second) == pytest.approx(rho)


def test_it_is_scipys():
    first, second = np.random.default_rng(0).integers(0, 8, (2, 30)).tolist()
    assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)


@pytest.mark.parametrize(
    ("first", "second"), [([], []), ([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [5] * 3)]
)
def test_too_little_to_rank_has_none(first, second):
    assert rank_correlation(first, second) is None


def test_other_numbers_of_scores_are_refused():
    with pytest.raises(ValueError, match="of the same things, got 2 and 3"):
        rank_correlation([1, 2], [1, 2, 3])
