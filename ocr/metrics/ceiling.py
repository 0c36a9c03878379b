"""The best scores that a size, its training maps and the post-processing permit: those of a perfect network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ocr.annotations.words import ImageAnnotation
from ocr.label_maps.painting import build_targets
from ocr.metrics.evaluator import EvaluationResult, Evaluator
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox
from ocr.transforms.warping import warp_polygons


class Ceiling(NamedTuple):
    """Scores of labels that went through training maps and post-processing."""

    evaluation: EvaluationResult
    mean_iou: float  # over all readable words, with their detection; a word without one at IoU 0.5 counts 0


def find_ceiling(
    labels: Iterable[tuple[ImageAnnotation, int, int]], letterbox: Letterbox, postprocess: DBPostProcess
) -> Ceiling:
    """Reads the labels' own probability maps as if a network had predicted them.

    Args:
        labels: each image's annotation, with the image's width and height in pixels.
        letterbox: the transform that the maps are drawn in.
        postprocess: reads them; its `shrink_ratio` is that of the maps.

    Returns:
        The scores; a mean IoU of 0 where there is no readable word.
    """
    evaluator = Evaluator()
    for annotation, width, height in labels:
        transform = letterbox(width, height)
        placed = warp_polygons(annotation.polygons, annotation.ignore, transform)
        maps = build_targets(
            placed.polygons,
            placed.ignore,
            transform.height_input,
            transform.width_input,
            shrink_ratio=postprocess.shrink_ratio,
        )
        input_to_original = np.linalg.inv(transform.original_to_input).astype(np.float64)
        found = postprocess(maps.probability[0], input_to_original, width, height)
        evaluator.update(annotation.filename, annotation.polygons, annotation.ignore, found.polygons, found.scores)
    evaluation = evaluator.compute()
    scores = [image.iou for image in evaluation.images.values()]
    words = sum(score.ground_truths for score in scores)
    mean_iou = sum(score.mean_iou * score.matched for score in scores) / words if words else 0.0
    return Ceiling(evaluation, mean_iou)
