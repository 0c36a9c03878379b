"""Prediction files: the annotation JSON with confidences, and any prediction file read back."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from baseline_code.files.atomic import write_text_atomic
from ocr.annotations.layout import layout_text, shortest_decimal
from ocr.annotations.reading import read_annotations
from ocr.annotations.words import ImageAnnotation
from ocr.geometry.polygons import Polygon
from ocr.submission.leaderboard import read_submission


class PredictedImage(NamedTuple):
    """What was found in one image, best first: what a prediction file holds of it."""

    polygons: list[Polygon]  # (K, 2) each, K >= 4, px of the original image
    scores: npt.NDArray[np.float32] | None  # (M,), in [0, 1], descending; None where a file that was read gives none
    size: tuple[int, int] | None = None  # width and height, px as displayed; None where it is not known


def write_predictions(path: str | os.PathLike[str], predictions: Mapping[str, PredictedImage]) -> None:
    """Write the JSON of `predictions_text` into a file: whole or not at all, UTF-8."""
    write_text_atomic(path, predictions_text(predictions))


def predictions_text(predictions: Mapping[str, PredictedImage]) -> str:
    """The prediction JSON: the annotation format plus `confidence`, words numbered from "0001", best first.

    Coordinates and confidences are written so that the same float32 values are read back.

    Args:
        predictions: by file name, with scores.

    Returns:
        One line per image.

    Raises:
        ValueError: if the numbers of polygons and scores differ, a polygon is no (K, 2) of K >= 4, a number is not
            finite or a score is outside [0, 1].
    """
    return layout_text({name: _image_entry(name, image) for name, image in predictions.items()})


def read_predictions(path: str | os.PathLike[str]) -> dict[str, PredictedImage]:
    """Read a prediction file, JSON or leaderboard CSV by the ending of its name.

    Args:
        path: a `.json` file as of `write_predictions` (without any `confidence` the file's order is the rank), or a
            `.csv` file as of `write_submission` (the order is the rank).

    Returns:
        Polygons and scores by file name, in the file's order of images.

    Raises:
        AnnotationError: if a JSON does not hold.
        SubmissionError: if a CSV does not hold.
        ValueError: if the name ends in neither.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".json":
        annotations = read_annotations(path, predicted=True)
        scored = any(annotation.scores is not None for annotation in annotations.values())
        return {filename: _ranked(annotation, scored) for filename, annotation in annotations.items()}
    if suffix == ".csv":
        return {filename: PredictedImage(polygons, None) for filename, polygons in read_submission(path).items()}
    raise ValueError(f"{path}: expected a prediction file .json or .csv, got {suffix or 'no ending'!r}")


def _ranked(annotation: ImageAnnotation, scored: bool) -> PredictedImage:
    """Best first; of equal scores the file's order stays."""
    polygons = list(annotation.polygons)
    if annotation.scores is None:
        return PredictedImage(
            polygons, np.zeros(0, dtype=np.float32) if scored and not polygons else None, annotation.size
        )
    scores = np.array(annotation.scores, dtype=np.float32)
    order = np.argsort(-scores, kind="stable")
    return PredictedImage([polygons[index] for index in order], scores[order], annotation.size)


def _image_entry(filename: str, image: PredictedImage) -> dict[str, Any]:
    scores = np.asarray(image.scores, dtype=np.float32)
    if scores.shape != (len(image.polygons),):
        raise ValueError(f"{filename}: expected {len(image.polygons)} scores, got an array of {scores.shape}")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError(f"{filename}: expected scores in [0, 1], got {scores.tolist()}")
    words = {}
    for rank, index in enumerate(np.argsort(-scores, kind="stable"), start=1):
        polygon = np.asarray(image.polygons[index], dtype=np.float32)
        if polygon.ndim != 2 or polygon.shape[1] != 2 or len(polygon) < 4 or not np.isfinite(polygon).all():
            raise ValueError(f"{filename}: expected (K, 2) finite points, K >= 4, got {polygon.tolist()}")
        points = [[shortest_decimal(x), shortest_decimal(y)] for x, y in polygon]
        words[f"{rank:04d}"] = {"points": points, "confidence": shortest_decimal(scores[index])}
    size = {} if image.size is None else {"img_w": int(image.size[0]), "img_h": int(image.size[1])}
    return {**size, "words": words}
