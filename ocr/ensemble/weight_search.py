"""Weights of an ensemble that do best on labelled images, and whether they are better than equal ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from ocr.ensemble.weight_table import Weights, WeightTable
from ocr.geometry.packed import FloatArray
from ocr.probability_maps.fusion import normalise_weights
from ocr.statistics import Images, PairedGain, cross_fit, paired_bootstrap

CONFIDENCE = 0.95
STEPS = {1: 1, 2: 20, 3: 10}
"""Steps from weight 0 to 1 of the grid, by number of members; with more members the grid has too many points."""
GREEDY_STEPS = 15
"""Times that a member is added; the weights are then multiples of at most 1 / 15."""

Scorer = Callable[[Sequence[Weights], Images], FloatArray]
"""(S, n) H of each of S weightings on each of n images."""


class FoundWeights(NamedTuple):
    """What a search came to; H are means over the images, in [0, 1]."""

    weights: Weights  # to be used: the ones found where they are accepted, otherwise equal ones
    accepted: bool  # whether the gain was shown to be real
    found: Weights  # the best ones on all images
    equal_hmean: float
    found_hmean: float  # on the images that they were found on: too good to be true
    cross_fitted_hmean: float  # of images under weights that were found without them
    gain: PairedGain  # of the cross-fitted H over that of equal weights
    images: int


def search_weights(
    table: WeightTable, *, repeats: int = 5, confidence: float = CONFIDENCE, seed: int = 0
) -> FoundWeights:
    """Find weights by `choose_weights`, and accept them where they are better on images that they did not see.

    The images are split into halves; weights found on one are scored on the other, so that each image has an H that
    it had no part in (`cross_fit`). The ones found on all images are accepted where P(gain > 0) of that H over the
    one of equal weights reaches `confidence`, by a paired bootstrap over the images.

    Args:
        table: scores of two labelled images or more.
        repeats: how many times they are split into halves, >= 1.
        confidence: in [0, 1].
        seed: of halves and bootstrap.

    Raises:
        ValueError: if there are fewer than two images, or no repeat.
    """
    everything, equal = np.arange(len(table)), normalise_weights(None, table.members)

    def choose(images: Images) -> Weights:
        return choose_weights(table.hmean, table.members, images)

    unseen = cross_fit(choose, table.hmean, len(table), repeats=repeats, seed=seed)
    found = choose(everything)
    before, after = table.hmean([equal, found], everything)
    gain = paired_bootstrap(before, unseen, seed=seed)
    accepted = found != equal and gain.probability >= confidence
    return FoundWeights(
        weights=found if accepted else equal,
        accepted=accepted,
        found=found,
        equal_hmean=float(before.mean()),
        found_hmean=float(after.mean()),
        cross_fitted_hmean=float(unseen.mean()),
        gain=gain,
        images=len(table),
    )


def choose_weights(score: Scorer, members: int, images: Images) -> Weights:
    """The non-negative weights of sum 1 with the highest mean H; of equal ones those nearest to equal weights.

    Up to three members: all multiples of 1/20 (two members) or 1/10 (three). More: greedy selection with replacement,
    which adds one member after the other, each time the one that helps most, and keeps the best of all stages. Equal
    weights are tried in any case.

    Args:
        score: gives the H.
        members: how many, >= 1.
        images: indices of the images to choose on, one at least.

    Source:
        Caruana et al., "Ensemble selection from libraries of models", ICML 2004, section 2.1; no bagging of members.
    """
    equal = normalise_weights(None, members)
    if members in STEPS:
        return _best([equal, *simplex_grid(members, STEPS[members])], score, images)
    return _best([equal, *_greedy(score, members, images)], score, images)


def simplex_grid(members: int, steps: int) -> list[Weights]:
    """All weights that are multiples of 1 / `steps` and have the sum 1."""
    everything = product(range(steps + 1), repeat=members)
    return [tuple(part / steps for part in parts) for parts in everything if sum(parts) == steps]


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
