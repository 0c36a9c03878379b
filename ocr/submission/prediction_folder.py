"""A folder of predictions: JSON, CSV, and what could not be read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path

import numpy as np

from baseline_code.files.claims import Claim
from baseline_code.files.json_file import write_json
from baseline_code.files.names import rename_like
from baseline_code.files.shown_text import listed
from baseline_code.images.unreadable import UnreadableImage
from ocr.annotations.records import ImageRecord
from ocr.geometry.polygons import Polygon
from ocr.postprocess import Detections
from ocr.submission.leaderboard import write_submission
from ocr.submission.predictions import PredictedImage, write_predictions

PREDICTIONS, SUBMISSION, FAILED = "predictions.json", "submission.csv", "failed.json"
PROVENANCE, OVERLAYS = "provenance.json", "overlays"

log = logging.getLogger(__name__)


def file_of(path: str | Path, name: str) -> Path:
    """The file itself, or the one of that name in a folder of predictions."""
    return Path(path) / name if Path(path).is_dir() else Path(path)


@contextmanager
def claimed_folder(output: str | Path | None, default: str, *, overwrite: bool) -> Iterator[Path]:
    """The folder for predictions, which no other command writes to meanwhile; gone again where nothing was written.

    Args:
        output: where to; None takes `default`, or the next name that is free (`<default>_2`).
        default: see `output`.
        overwrite: replace predictions that lie there.

    Raises:
        FileExistsError: if another command writes there, or it holds any file of predictions and `overwrite` is false.
    """
    path, made = _made_folder(output, default)
    claim = Claim(path)
    try:
        there = [name for name in (PREDICTIONS, SUBMISSION, FAILED, PROVENANCE, OVERLAYS) if (path / name).exists()]
        if there and not overwrite:
            raise FileExistsError(
                f"{path / there[0]}: its folder holds predictions already: choose another output=, "
                "or set overwrite=true"
            )
        yield path
    finally:
        claim.release()
        for folder in made:
            with suppress(OSError):  # not empty: something was written
                folder.rmdir()


def _made_folder(output: str | Path | None, default: str) -> tuple[Path, list[Path]]:
    """A folder, and those that had to be made for it, the innermost first."""
    names = chain([default], (f"{default}_{number}" for number in count(2))) if output is None else [output]
    for path in map(Path, names):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir()
        except FileExistsError:
            if output is None:
                continue
            if not path.is_dir():
                raise
            missing = []
        return path, missing
    raise RuntimeError("expected a free folder")


def write_prediction_folder(
    path: Path,
    filenames: Sequence[str],
    predictions: Iterable[tuple[ImageRecord, Detections]],
    unreadable: Iterable[UnreadableImage],
) -> None:
    """Writes what was found in images that were read: the files of `write_prediction_files`.

    Args:
        path: an existing folder.
        filenames: every image that was asked for, in the order of the CSV's rows.
        predictions: what was found, in original pixels; in any Unicode form of the images' names.
        unreadable: files that could not be read.
    """
    found = {
        record.filename: PredictedImage(*detections, (record.width_original, record.height_original))
        for record, detections in predictions
    }
    found = rename_like(found, filenames)
    in_order = {name: found[name] for name in filenames if name in found}
    write_prediction_files(path, filenames, in_order, {image.filename: image.reason for image in unreadable})


def write_prediction_files(
    path: Path, filenames: Sequence[str], predictions: Mapping[str, PredictedImage], reasons: Mapping[str, str]
) -> None:
    """Writes `predictions.json`, `submission.csv` and `failed.json`; warns of empty images.

    Each file is written whole or not at all.

    Args:
        path: an existing folder.
        filenames: every image, in the order of the CSV's rows; those without a prediction get empty rows.
        predictions: by file name, in the JSON's order. Polygons of an image of unknown size are not clipped: a CSV's
            whole pixels come back as they were.
        reasons: why files could not be read, by file name: what `failed.json` holds.
    """
    write_predictions(path / PREDICTIONS, predictions)
    sizes = {name: image.size or _extent(image.polygons) for name, image in predictions.items() if image.polygons}
    polygons = {name: image.polygons for name, image in predictions.items()}
    write_submission(path / SUBMISSION, filenames, polygons, sizes)
    write_json(path / FAILED, reasons)
    empty = [name for name, image in predictions.items() if not image.polygons]
    if empty:
        log.warning("no word found in %d of %d images: %s", len(empty), len(predictions), listed(empty))


def _extent(polygons: Sequence[Polygon]) -> tuple[int, int]:
    """A size that holds all polygons, one at least, also once they are rounded."""
    farthest = np.max([polygon.max(axis=0) for polygon in polygons], axis=0)
    width, height = (int(side) for side in np.floor(farthest) + 2)
    return width, height
