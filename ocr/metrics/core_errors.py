"""What a small error of the cores costs, by size and shrink ratio: the unclip enlarges it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from ocr.metrics.ceiling import Label, find_ceiling
from ocr.metrics.evaluator import EvaluationResult
from ocr.postprocess import DBPostProcess
from ocr.statistics import Track, silent
from ocr.transforms.geometric import Letterbox

EQUAL = 0.001
"""Ratios whose scores differ by no more than this are equally good."""


class CoreErrorScores(NamedTuple):
    """Scores at one size and one shrink ratio."""

    img_size: int
    shrink_ratio: float
    perfect: EvaluationResult
    thin: EvaluationResult  # all cores too thin by the error, on each side
    thick: EvaluationResult  # all cores too thick by it
    noisy: EvaluationResult  # each core by a normal error of its own, of that standard deviation

    @property
    def tolerance(self) -> float:
        """How well this ratio bears errors: the mean of CLEval H and IoU H with cores that are off, each by its own."""
        return (self.noisy.cleval.hmean + self.noisy.iou.hmean) / 2


def score_core_errors(
    labels: Sequence[Label],
    letterbox: Letterbox,
    postprocess: DBPostProcess,
    *,
    core_error: float,
    sizes: Sequence[int],
    shrink_ratios: Sequence[float],
    track: Track = silent,
) -> list[CoreErrorScores]:
    """Scores the labels' own maps with cores that are off by `core_error`, at each size with each shrink ratio.

    Args:
        labels: each image's annotation, with the image's width and height in pixels.
        letterbox: the transform that the maps are drawn in; its `img_size` gives way to `sizes`.
        postprocess: reads them; its `shrink_ratio` gives way to `shrink_ratios`, its unclip is that of the detector.
        core_error: px of the input, > 0.
        sizes: S of them, px, multiples of 32.
        shrink_ratios: R of them, in (0, 1).
        track: shows the pairs as they are scored.

    Returns:
        S x R scores, size by size.
    """

    def score(img_size: int, shrink_ratio: float) -> CoreErrorScores:
        at = replace(letterbox, img_size=img_size)
        reader = DBPostProcess(**vars(postprocess) | {"shrink_ratio": shrink_ratio})
        errors = ((0.0, 0.0), (core_error, 0.0), (-core_error, 0.0), (0.0, core_error))
        found = (find_ceiling(labels, at, reader, thinner=mean, deviation=own).evaluation for mean, own in errors)
        return CoreErrorScores(img_size, shrink_ratio, *found)

    pairs = list(product(sizes, shrink_ratios))
    return [score(*pair) for pair in track(pairs, "sizes and shrink ratios", len(pairs))]


def suggest_ratio(scores: Sequence[CoreErrorScores]) -> CoreErrorScores:
    """The smallest shrink ratio that bears errors as well as the best one does: it leaves neighbours most room.

    Args:
        scores: one or more, of one size.
    """
    best = max(one.tolerance for one in scores)
    return min((one for one in scores if one.tolerance >= best - EQUAL), key=lambda one: one.shrink_ratio)
