"""Scores of a prediction file against labels."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np

from baseline_code.files.names import rename_like
from baseline_code.files.shown_text import listed
from ocr.annotations.labelled_sizes import describe_outside
from ocr.annotations.words import ImageAnnotation
from ocr.metrics import EvaluationResult, Evaluator
from ocr.submission.predictions import PredictedImage

log = logging.getLogger(__name__)


def check_coverage(annotations: Mapping[str, ImageAnnotation], predictions: Mapping[str, PredictedImage]) -> None:
    """Tell how many images have no prediction, for they score as if nothing was found there.

    Args:
        annotations: labels by file name.
        predictions: predictions by file name.

    Raises:
        ValueError: if there is no prediction at all.
    """
    named = rename_like(predictions, annotations)
    missing = [name for name in annotations if name not in named]
    if not predictions:
        raise ValueError(f"expected predictions for the {len(annotations)} annotated images, got none")
    if missing:
        log.warning(
            "%d of %d annotated images have no prediction and count as empty: %s",
            *(len(missing), len(annotations), listed(missing)),
        )


def score_predictions(
    annotations: Mapping[str, ImageAnnotation], predictions: Mapping[str, PredictedImage]
) -> EvaluationResult:
    """Scores every annotated image; one without a prediction scores as if nothing was found there.

    Names are the same where they differ in their Unicode form only. A warning counts the images whose predictions reach
    outside the image as labelled by more than the tolerance of labels: a detector may cross the border, but a file for
    images of another size does so in many.

    Args:
        annotations: labels by file name.
        predictions: predictions by file name, best first.

    Raises:
        ValueError: if predictions name images that have no labels, or are of another size than the labels.
    """
    named = rename_like(predictions, annotations)
    unknown = [name for name in named if name not in annotations]
    if unknown:
        raise ValueError(
            f"expected predictions for the {len(annotations)} annotated images only, got {len(unknown)} others, "
            f"such as {listed(unknown)}: these labels belong to another split"
        )
    _warn_of_outside(annotations, named)
    evaluator = Evaluator()
    for filename, annotation in annotations.items():
        predicted = named.get(filename)
        _check_size(annotation, predicted)
        evaluator.update(filename, annotation.polygons, annotation.ignore, predicted.polygons if predicted else ())
    return evaluator.compute()


def _warn_of_outside(annotations: Mapping[str, ImageAnnotation], predictions: Mapping[str, PredictedImage]) -> None:
    faults = {}
    for name, image in predictions.items():
        size = annotations[name].size
        if size and image.polygons:
            faults[name] = describe_outside(np.concatenate(image.polygons), size)
    outside = [f"{name}: {fault}" for name, fault in faults.items() if fault]
    if outside:
        log.warning(
            "predictions reach outside %d of %d images, such as %s; are they of these images, at this size?",
            len(outside),
            len(predictions),
            outside[0],
        )


def _check_size(annotation: ImageAnnotation, predicted: PredictedImage | None) -> None:
    labelled = annotation.size
    if predicted is None or predicted.size is None or labelled is None:
        return
    if predicted.size != labelled:
        raise ValueError(
            f"{annotation.filename}: expected predictions for an image of {labelled[0]} x {labelled[1]} px as "
            f"labelled, got them for one of {predicted.size[0]} x {predicted.size[1]} px: is it the same image?"
        )
