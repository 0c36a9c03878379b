"""Two predictions of the same images: which is better, whether that is more than chance, and what changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from baseline_code.files.csv_file import write_csv
from baseline_code.files.names import rename_like
from ocr.annotations.words import ImageAnnotation
from ocr.metrics import EvaluationResult, Ratios
from ocr.statistics import PairedGain, paired_bootstrap
from ocr.submission.matching import PolygonChanges, compare_polygons
from ocr.submission.prediction_folder import SUBMISSION, file_of
from ocr.submission.predictions import PredictedImage, read_predictions
from ocr.submission.scoring import score_predictions

COLUMNS = (
    *("filename", "hmean_before", "hmean_after", "gain", "agreement"),
    *("stayed", "moved", "lost", "gained"),
)

log = logging.getLogger(__name__)


class ImageChange(NamedTuple):
    """What changed in one image."""

    filename: str
    polygons: PolygonChanges
    before: float | None  # CLEval H in [0, 1]; None without labels
    after: float | None

    @property
    def gain(self) -> float:
        """H after - before, in [-1, 1]; 0 without labels."""
        return self.after - self.before if self.before is not None and self.after is not None else 0.0


class LabelledGain(NamedTuple):
    """What labels say of two predictions."""

    before: Ratios  # CLEval, means over the images
    after: Ratios
    hmean: PairedGain  # of the images' H


@dataclass(frozen=True)
class Comparison:
    """Two predictions side by side.

    Attributes:
        images: the largest change of H first, then the most polygons that did not stay, then by name.
        labelled: None where there are no labels.
    """

    images: tuple[ImageChange, ...]
    labelled: LabelledGain | None

    @property
    def polygons(self) -> PolygonChanges:
        """Summed over the images."""
        return PolygonChanges(*(sum(counts) for counts in zip(*(image.polygons for image in self.images), strict=True)))


def read_side(path: Path) -> dict[str, PredictedImage]:
    """Reads a folder's CSV, which is what the leaderboard would score, or a prediction file.

    Raises:
        ValueError: if there is nothing at `path`, or as of `read_predictions`.
    """
    if not path.exists():
        raise ValueError(f"{path}: expected a folder with {SUBMISSION}, a CSV or a prediction JSON, found nothing")
    return read_predictions(file_of(path, SUBMISSION))


def compare_predictions(
    before: Mapping[str, PredictedImage],
    after: Mapping[str, PredictedImage],
    annotations: Mapping[str, ImageAnnotation] | None = None,
) -> Comparison:
    """Compares two predictions image by image, and by their scores where there are labels.

    Args:
        before: predictions by file name.
        after: predictions of the same images.
        annotations: labels of these images at least; a warning counts those that neither side was asked for, which
            count nowhere.

    Raises:
        ValueError: if the images of the two differ, there is none, or one has no labels.
    """
    after = rename_like(after, before)
    annotations = None if annotations is None else rename_like(annotations, before)
    _check_same_images(before, after)
    changes = {name: compare_polygons(before[name].polygons, after[name].polygons) for name in before}
    if annotations is None:
        return _sorted([ImageChange(name, polygons, None, None) for name, polygons in changes.items()], None)
    old, new = _score(annotations, before), _score(annotations, after)
    images = [
        ImageChange(name, polygons, old.images[name].cleval.hmean, new.images[name].cleval.hmean)
        for name, polygons in changes.items()
    ]
    gain = paired_bootstrap(
        [old.images[name].cleval.hmean for name in changes], [new.images[name].cleval.hmean for name in changes]
    )
    unasked = len(annotations) - len(before)
    if unasked > 0:
        log.warning("%d labelled images are in neither prediction: they do not count", unasked)
    return _sorted(images, LabelledGain(old.cleval, new.cleval, gain))


def write_changes(path: Path, comparison: Comparison) -> None:
    """Writes a CSV with a row for each image, the largest change first; whole or not at all."""
    rows: list[tuple[object, ...]] = [COLUMNS]
    for image in comparison.images:
        scores = ("", "", "") if image.before is None else (image.before, image.after, image.gain)
        cells = [f"{value:.6f}" if isinstance(value, float) else value for value in (*scores, image.polygons.agreement)]
        rows.append((image.filename, *cells, *image.polygons))
    write_csv(path, rows)


def _score(annotations: Mapping[str, ImageAnnotation], predictions: Mapping[str, PredictedImage]) -> EvaluationResult:
    """Scores of the predicted images."""
    asked = {name: annotation for name, annotation in annotations.items() if name in predictions}
    return score_predictions(asked, predictions)


def _sorted(images: list[ImageChange], labelled: LabelledGain | None) -> Comparison:
    ranked = sorted(images, key=lambda image: (-abs(image.gain), -image.polygons.changed, image.filename))
    return Comparison(tuple(ranked), labelled)


def _check_same_images(before: Mapping[str, PredictedImage], after: Mapping[str, PredictedImage]) -> None:
    if not before and not after:
        raise ValueError("expected predictions of one image at least, got none")
    only_before = [name for name in before if name not in after]
    only_after = [name for name in after if name not in before]
    if only_before or only_after:
        raise ValueError(
            f"expected predictions of the same images, got {len(only_before)} in the first only "
            f"({', '.join(only_before[:5])}) and {len(only_after)} in the second only ({', '.join(only_after[:5])})"
        )
