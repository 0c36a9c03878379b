"""A folder of predictions: JSON, CSV, and what could not be read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.claims import Claim
from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.postprocess import Detections
from ocr.submission.leaderboard import write_submission
from ocr.submission.predictions import write_predictions

PREDICTIONS, SUBMISSION, FAILED = "predictions.json", "submission.csv", "failed.json"
PROVENANCE, OVERLAYS = "provenance.json", "overlays"
LISTED = 5

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
        claim.let_go()
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
    """Writes `predictions.json`, `submission.csv` and `failed.json`; warns of empty images.

    Each file is written whole or not at all.

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
    warn_of_empty({name: found[name][1] for name in in_order})


def warn_of_empty(predictions: Mapping[str, Detections]) -> None:
    """Says in how many images nothing was found.

    Args:
        predictions: by file name, of the images that could be read.
    """
    empty = [name for name, found in predictions.items() if not found.polygons]
    if empty:
        listed = ", ".join(empty[:LISTED]) + (" …" if len(empty) > LISTED else "")
        log.warning("no word found in %d of %d images: %s", len(empty), len(predictions), listed)
