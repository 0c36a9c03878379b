"""Whether two scores put the same things into the same order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

_FEWEST = 3  # two points always agree or disagree wholly


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rho: 1 for the same order, -1 for the reverse, about 0 for none.

    Args:
        first: N finite scores.
        second: N finite scores of the same things.

    Returns:
        In [-1, 1], equal scores sharing their mean rank; None for fewer than three things or equal scores only.

    Raises:
        ValueError: if the numbers of scores differ.
    """
    if len(first) != len(second):
        raise ValueError(f"expected scores of the same things, got {len(first)} and {len(second)}")
    if len(first) < _FEWEST or len(set(first)) == 1 or len(set(second)) == 1:
        return None
    return float(np.clip(np.corrcoef(rankdata(first), rankdata(second))[0, 1], -1, 1))
