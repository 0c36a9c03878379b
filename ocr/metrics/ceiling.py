"""The best scores that a size, its training maps and the post-processing permit: those of a perfect network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ocr.annotations.words import ImageAnnotation
from ocr.label_maps.painting import paint_targets
from ocr.label_maps.shrinking import prepare_polygons
from ocr.metrics.evaluator import EvaluationResult, Evaluator
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox
from ocr.transforms.warping import warp_polygons

Label = tuple[ImageAnnotation, int, int]
"""An image's annotation, with its width and height in pixels."""
LEAST = 1e-3
"""Shrink distance, px, of a core that an error moves beyond its word; 0 stands for words that do not train."""


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
    for annotation, width, height in labels:
        transform = letterbox(width, height)
        placed = warp_polygons(annotation.polygons, annotation.ignore, transform)
        shrunk = prepare_polygons(placed.polygons, placed.ignore, shrink_ratio=postprocess.shrink_ratio)
        moved = shrunk.distances + rng.normal(thinner, deviation, len(shrunk.distances))
        distances = np.where(shrunk.distances > 0, np.maximum(moved, LEAST), 0.0)
        maps = paint_targets(shrunk._replace(distances=distances), transform.height_input, transform.width_input)
        input_to_original = np.linalg.inv(transform.original_to_input).astype(np.float64)
        found = postprocess(maps.probability[0], input_to_original, width, height)
        evaluator.update(annotation.filename, annotation.polygons, annotation.ignore, found.polygons, found.scores)
    evaluation = evaluator.compute()
    scores = [image.iou for image in evaluation.images.values()]
    words = sum(score.ground_truths for score in scores)
    mean_iou = sum(score.mean_iou * score.matched for score in scores) / words if words else 0.0
    return Ceiling(evaluation, mean_iou)
