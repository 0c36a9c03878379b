"""Which weights do best on a set of images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ocr.calibration.score_table import Images
from ocr.ensemble.weight_table import Weights
from ocr.geometry.packed import FloatArray

STEPS = {1: 1, 2: 20, 3: 10}
"""Parts that the whole weight is cut into, by number of members; with more members too many grids' points arise."""
GREEDY_STEPS = 15
"""Times that a member is added; the weights are then multiples of at most 1 / 15."""

Scorer = Callable[[Sequence[Weights], Images], FloatArray]
"""(S, n) H of each of S weightings on each of n images."""


def choose_weights(score: Scorer, members: int, images: Images) -> Weights:
    """The non-negative weights of sum 1 with the highest mean H; of equal ones those nearest to equal weights.

    Up to three members: all multiples of 1/20 (two members) or 1/10 (three). More: greedy selection with replacement,
    which adds one member after the other, each time the one that helps most, and keeps the best of all stages. Equal
    weights are looked at in any case.

    Args:
        score: gives the H.
        members: how many, >= 1.
        images: indices of the images to choose on, one at least.

    Source:
        Caruana et al., "Ensemble selection from libraries of models", ICML 2004, section 2.1; no bagging of members.
    """
    equal = equal_weights(members)
    if members in STEPS:
        return _best([equal, *simplex_grid(members, STEPS[members])], score, images)
    return _best([equal, *_greedy(score, members, images)], score, images)


def equal_weights(members: int) -> Weights:
    """The same for each member."""
    return (1.0 / members,) * members


def simplex_grid(members: int, steps: int) -> list[Weights]:
    """All weights that are multiples of 1 / `steps` and have the sum 1."""
    return [tuple(part / steps for part in parts) for parts in _compositions(members, steps)]


def _compositions(members: int, total: int) -> Iterator[tuple[int, ...]]:
    if members == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(members - 1, total - first):
            yield (first, *rest)


def _greedy(score: Scorer, members: int, images: Images) -> Iterator[Weights]:
    """The weights of each stage."""
    counts = np.zeros(members, dtype=np.int64)
    for stage in range(1, GREEDY_STEPS + 1):
        options = [tuple(((counts + added) / stage).tolist()) for added in np.eye(members, dtype=np.int64)]
        best = _best(options, score, images)
        counts[options.index(best)] += 1
        yield best


def _best(options: Sequence[Weights], score: Scorer, images: Images) -> Weights:
    means = score(options, images).mean(axis=1)
    ranked = sorted(zip(-means, map(_unevenness, options), options, strict=True))
    return ranked[0][2]


def _unevenness(weights: Weights) -> float:
    """0 where all are equal, 1 where one has all; rounded, so that orders of the same weights are alike."""
    return round(sum(weight * weight for weight in weights), 12)
