"""The best scores that a size, its training maps and the post-processing permit, with exact cores or with errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from baseline_code.tracking import Track, silent
from ocr.annotations.words import ImageAnnotation, Size
from ocr.label_maps.painting import paint_targets
from ocr.label_maps.shrinking import prepare_polygons
from ocr.metrics.evaluator import EvaluationResult, Evaluator
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox
from ocr.transforms.warping import warp_polygons

Label = tuple[ImageAnnotation, Size]
"""An image's annotation, with its width and height in pixels."""
LEAST = 1e-3
"""Shrink distance, px, of a core that an error moves beyond its word; 0 stands for words that do not train."""
EQUAL = 0.001
"""Ratios whose scores differ by no more than this are equally good."""


class Ceiling(NamedTuple):
    """Scores of labels that went through training maps and post-processing."""

    evaluation: EvaluationResult
    mean_iou: float  # over all readable words, with their detection; a word without one at IoU 0.5 counts 0


def find_ceiling(
    labels: Iterable[Label],
    letterbox: Letterbox,
    postprocess: DBPostProcess,
    *,
    thinner: float = 0.0,
    deviation: float = 0.0,
) -> Ceiling:
    """Reads the labels' own probability maps as if a network had predicted them, perfectly or with an error.

    An error moves the edges of a core, the shrunk polygon; nothing moves them beyond the word's own edges.

    Args:
        labels: each image's annotation, with the image's width and height in pixels.
        letterbox: the transform that the maps are drawn in.
        postprocess: reads them; its `shrink_ratio` is that of the maps.
        thinner: by how much the edges of every core lie too far inside, px of the input; below 0: outside.
        deviation: standard deviation of a further, normal error of each core, px of the input, >= 0; the same one for
            a core at every size and shrink ratio.

    Returns:
        The scores; a mean IoU of 0 where there is no readable word.
    """
    evaluator, rng = Evaluator(), np.random.default_rng(0)
    for annotation, size in labels:
        transform = letterbox(*size)
        placed = warp_polygons(annotation.polygons, annotation.ignore, transform)
        shrunk = prepare_polygons(placed.polygons, placed.ignore, shrink_ratio=postprocess.shrink_ratio)
        moved = shrunk.distances + rng.normal(thinner, deviation, len(shrunk.distances))
        distances = np.where(shrunk.distances > 0, np.maximum(moved, LEAST), 0.0)
        maps = paint_targets(shrunk._replace(distances=distances), transform.height_input, transform.width_input)
        found = postprocess(maps.probability[0], transform.input_to_original, *size)
        evaluator.update(annotation.filename, annotation.polygons, annotation.ignore, found.polygons, found.scores)
    evaluation = evaluator.compute()
    scores = [image.iou for image in evaluation.images.values()]
    words = sum(score.ground_truths for score in scores)
    mean_iou = sum(score.mean_iou * score.matched for score in scores) / words if words else 0.0
    return Ceiling(evaluation, mean_iou)


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
        reader = replace(postprocess, shrink_ratio=shrink_ratio)
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
