"""Weights of an ensemble found on labelled images, and whether they are better than equal ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ocr.calibration.cross_fitting import cross_fit
from ocr.calibration.progress import Track, silent
from ocr.calibration.score_table import Images
from ocr.ensemble.weight_choice import choose_weights, equal_weights
from ocr.ensemble.weight_table import Weights, WeightTable
from ocr.metrics.bootstrap import PairedGain, paired_bootstrap

CONFIDENCE = 0.95


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
    table: WeightTable,
    *,
    repeats: int = 5,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    track: Track = silent,
) -> FoundWeights:
    """Find weights by `choose_weights`, and accept them where they are better on images that they did not see.

    The images are cut into halves; weights found on one are scored on the other, so that each image has an H that
    it had no part in (`cross_fit`). The ones found on all images are accepted where P(gain > 0) of that H over the
    one of equal weights reaches `confidence`, by a paired bootstrap over the images.

    Args:
        table: scores of two labelled images or more.
        repeats: how many times they are cut into halves, >= 1.
        confidence: in [0, 1].
        seed: of halves and bootstrap.
        track: shows the halves as they are done.

    Raises:
        ValueError: if there are fewer than two images, or no repeat.
    """
    everything, equal = np.arange(len(table)), equal_weights(table.members)

    def choose(images: Images) -> Weights:
        return choose_weights(table.hmean, table.members, images)

    unseen = cross_fit(choose, table.hmean, len(table), repeats=repeats, seed=seed, track=track)
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
