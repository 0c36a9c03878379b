"""What the page shows of each image: its files in two sizes, and words, detections and errors as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from baseline_code.images.encoding import encode_jpeg, encode_png
from baseline_code.images.reading import read_image
from baseline_code.images.scaling import shrink
from ocr.annotations.words import ImageAnnotation
from ocr.error_analysis import KINDS, ImageErrors
from ocr.geometry.polygons import Polygon
from ocr.metrics import ImageScore
from ocr.postprocess.regions import ProbabilityMap, full_scale
from ocr.submission import PredictedImage
from ocr.visualization.palette import MAP_COLOUR

LARGE, SMALL = 1600, 240
"""Longest side of an image in the viewer and in the gallery, px."""


class ImageFiles(NamedTuple):
    """Where an image's files are, below the page, and its size."""

    large: str
    small: str
    width: int  # px of the original
    height: int


def describe_image(
    label: ImageAnnotation, files: ImageFiles, split: str, runs: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """One image: its labels, and what `describe_run` says of each run."""
    return {
        "name": label.filename,
        "split": split,
        **files._asdict(),
        "words": [_flat(polygon) for polygon in label.polygons],
        "ignored": [index for index, ignore in enumerate(label.ignore) if ignore],
        "ids": [word.id for word in label.words],
        "texts": [word.text for word in label.words],
        "runs": list(runs),
    }


def describe_run(found: PredictedImage, errors: ImageErrors, score: ImageScore, map_file: str | None) -> dict[str, Any]:
    """What one run found in an image; kinds by their place in `KINDS`."""
    return {
        "cleval": [score.cleval.precision, score.cleval.recall, score.cleval.hmean],
        "iou": [score.iou.precision, score.iou.recall, score.iou.hmean],
        "map": map_file,
        "detections": [_flat(polygon) for polygon in found.polygons],
        "scores": None if found.scores is None else [round(float(score), 3) for score in found.scores],
        "missed": [[one.word, KINDS.index(one.kind), one.detections, one.words] for one in errors.missed],
        "false": [[one.detection, KINDS.index(one.kind), one.words] for one in errors.false],
        "matched": errors.matched,
        "rejected": errors.rejected,
    }


def _flat(polygon: Polygon) -> list[float]:
    """X and y in turn, to a tenth of a pixel."""
    return [round(float(value), 1) for value in polygon.reshape(-1)]


def write_image_files(source: Path, large: Path, small: Path) -> tuple[int, int]:
    """Writes an image in both sizes as JPEG.

    Returns:
        Its own width and height as displayed, px.

    Raises:
        baseline_code.images.reading.ImageReadError: if it cannot be read.
    """
    pixels = read_image(source)
    for path, side, quality in ((large, LARGE, 88), (small, SMALL, 80)):
        _write(path, encode_jpeg(shrink(pixels, side), quality))
    return pixels.shape[1], pixels.shape[0]


def write_map_file(probability: ProbabilityMap, path: Path) -> None:
    """Writes a probability map as PNG in one colour, the more transparent the less probable.

    Args:
        probability: (H, W), covers its image.
        path: of the file.
    """
    levels = shrink((probability.astype(np.float32) * (255 / full_scale(probability))).astype(np.uint8), LARGE)
    colours = np.full((*levels.shape, 3), MAP_COLOUR, np.uint8)
    _write(path, encode_png(np.dstack([colours, levels]), compression=6))


def _write(path: Path, data: bytes) -> None:
    """Plainly: the page, which is written last and whole, is what makes a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
