"""Polygons drawn on images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.images.encoding import encode_jpeg
from baseline_code.images.reading import read_image
from ocr.annotations.records import ImageRecord
from ocr.geometry import Polygon
from ocr.postprocess import Detections
from ocr.visualization.palette import BLUE, ORANGE, rgb

SURE, UNSURE = (0, 150, 60), (230, 110, 0)
"""RGB of a score of 1 and of 0.5 and less."""
LABELLED, FOUND = rgb(BLUE), rgb(ORANGE)
"""Of labels and of detections in one image."""


def draw_polygons(
    image: npt.NDArray[np.uint8],
    polygons: Sequence[Polygon],
    scores: Sequence[float] | None = None,
    *,
    colour: tuple[int, int, int] | None = None,
) -> npt.NDArray[np.uint8]:
    """Draws polygons, from orange (score 0.5 and less) to green (1).

    Args:
        image: (H, W, 3) uint8 RGB; left as it is.
        polygons: (K, 2) each, continuous pixels of the image.
        scores: in [0, 1], one per polygon; without them all are green.
        colour: RGB of all of them, whatever the scores.

    Returns:
        A new (H, W, 3) uint8 RGB image.
    """
    canvas = image.copy()
    thickness = max(1, round(max(image.shape[:2]) / 800))
    for polygon, score in zip(polygons, scores if scores is not None else [1.0] * len(polygons), strict=True):
        sureness = float(np.clip(2 * score - 1, 0, 1))
        own = colour or tuple(round(a + (b - a) * sureness) for a, b in zip(UNSURE, SURE, strict=True))
        points = np.rint((polygon - 0.5) * 16).astype(np.int32)
        cv2.polylines(canvas, [points], isClosed=True, color=own, thickness=thickness, lineType=cv2.LINE_AA, shift=4)
    return canvas


def write_overlays(folder: Path, images: Path, predictions: Iterable[tuple[ImageRecord, Detections]]) -> None:
    """Writes `<name>.jpg` into `folder` for each image of `images` with its polygons."""
    folder.mkdir(parents=True, exist_ok=True)
    for record, detections in predictions:
        image = read_image(images / record.filename)
        overlay = draw_polygons(image, detections.polygons, detections.scores.tolist())
        write_bytes_atomic(folder / f"{record.filename}.jpg", encode_jpeg(overlay, 90))
