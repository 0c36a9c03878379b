"""Scores of a prediction file against labels."""

from __future__ import annotations

from collections.abc import Mapping

from ocr.datasets.annotations import ImageAnnotation
from ocr.metrics import EvaluationResult, Evaluator
from ocr.submission.predictions import PredictedImage


def score_predictions(
    annotations: Mapping[str, ImageAnnotation], predictions: Mapping[str, PredictedImage]
) -> EvaluationResult:
    """Scores every annotated image; one without a prediction scores as if nothing was found there.

    Args:
        annotations: labels by file name.
        predictions: predictions by file name, best first.

    Raises:
        ValueError: if predictions name images that have no labels.
    """
    unknown = [name for name in predictions if name not in annotations]
    if unknown:
        raise ValueError(
            f"expected predictions for the {len(annotations)} annotated images only, got {len(unknown)} others, "
            f"such as {', '.join(unknown[:5])}: these labels belong to another part"
        )
    evaluator = Evaluator()
    for filename, annotation in annotations.items():
        predicted = predictions.get(filename)
        evaluator.update(filename, annotation.polygons, annotation.ignore, predicted.polygons if predicted else ())
    return evaluator.compute()
