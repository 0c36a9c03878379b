"""A folder of predictions: JSON, CSV, and what could not be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from baseline_code.atomic import write_text_atomic
from ocr.datasets.records import ImageRecord, UnreadableImage
from ocr.postprocess import Detections
from ocr.submission.leaderboard import write_submission
from ocr.submission.predictions import write_predictions

PREDICTIONS, SUBMISSION, FAILED = "predictions.json", "submission.csv", "failed.json"


def claim_folder(path: Path, *, overwrite: bool) -> Path:
    """Makes the folder for predictions, before any work is done.

    Raises:
        FileExistsError: if it holds predictions already and `overwrite` is false.
    """
    if (path / PREDICTIONS).exists() and not overwrite:
        raise FileExistsError(f"{path} holds predictions already: choose another output=, or set overwrite=true")
    path.mkdir(parents=True, exist_ok=True)
    return path


def write_prediction_folder(
    path: Path,
    filenames: Sequence[str],
    predictions: Iterable[tuple[ImageRecord, Detections]],
    unreadable: Iterable[UnreadableImage],
) -> None:
    """Writes `predictions.json`, `submission.csv` and `failed.json`, each whole or not at all.

    Args:
        path: an existing folder.
        filenames: every image that was asked for, in the order of the CSV's rows; unreadable ones get empty rows.
        predictions: what was found, in original pixels.
        unreadable: files that could not be read; `failed.json` is `{"<file>": "<reason>"}`, empty where all could.
    """
    found = {record.filename: (record, detections) for record, detections in predictions}
    in_order = [name for name in filenames if name in found]
    sizes = {name: (found[name][0].width_original, found[name][0].height_original) for name in in_order}
    write_predictions(path / PREDICTIONS, {name: (*sizes[name], found[name][1]) for name in in_order})
    write_submission(path / SUBMISSION, filenames, {name: found[name][1].polygons for name in in_order}, sizes)
    reasons = {image.filename: image.reason for image in unreadable}
    write_text_atomic(path / FAILED, json.dumps(reasons, indent=2, ensure_ascii=False) + "\n")
