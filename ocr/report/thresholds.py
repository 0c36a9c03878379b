"""Precision and recall if only the detections from a score on were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ocr.annotations.words import ImageAnnotation
from ocr.metrics import EvaluationResult, Evaluator, ImageScore, score_image
from ocr.submission import PredictedImage

STEPS = (0.01, 0.02, 0.05, 0.1)
MOST = 12
"""Thresholds, or a few more where rounding outwards gives them."""


class ThresholdScore(NamedTuple):
    """Scores of the detections whose own score is at least a threshold."""

    threshold: float
    scores: EvaluationResult


def score_over_thresholds(
    annotations: Sequence[ImageAnnotation], detections: Mapping[str, PredictedImage]
) -> list[ThresholdScore]:
    """Scores at round thresholds, from the lowest score on up to where one detection is left.

    Args:
        annotations: labels.
        detections: best first, by file name; an image that is missing has none.

    Returns:
        One for each threshold; none where the detections have no scores.
    """
    found = {label.filename: detections.get(label.filename, PredictedImage([], None)) for label in annotations}
    values = [image.scores for image in found.values() if image.scores is not None and len(image.scores)]
    if not values or any(image.scores is None and image.polygons for image in found.values()):
        return []
    low, high = (float(bound) for bound in (np.concatenate(values).min(), np.concatenate(values).max()))
    step = next((step for step in STEPS if (high - low) / step <= MOST), STEPS[-1])
    thresholds = np.arange(np.floor(low / step), np.floor(high / step) + 1) * step
    scored: dict[tuple[str, int], ImageScore] = {}  # a threshold that leaves an image as it was costs nothing
    results = []
    for threshold in thresholds.round(4).tolist():
        evaluator = Evaluator()
        for label in annotations:
            image = found[label.filename]
            kept = 0 if image.scores is None else int((image.scores >= threshold).sum())
            key = label.filename, kept
            if key not in scored:
                scored[key] = score_image(label.polygons, label.ignore, image.polygons[:kept])
            evaluator.merge({label.filename: scored[key]})
        results.append(ThresholdScore(threshold, evaluator.compute()))
    return results
