"""The images of a report: each one whole and small, and probability maps to lay over them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import read_image
from ocr.postprocess.regions import ProbabilityMap, full_scale

LARGE, SMALL = 1600, 240
"""Longest side of an image in the viewer and in the gallery, px."""
MAP_COLOUR = (178, 114, 0)
"""BGR."""


def write_image_files(source: Path, large: Path, small: Path) -> tuple[int, int]:
    """Writes an image in both sizes as JPEG.

    Returns:
        Its own width and height as displayed, px.

    Raises:
        baseline_code.images.reading.ImageReadError: if it cannot be read.
    """
    pixels = read_image(source)
    for path, side, quality in ((large, LARGE, 88), (small, SMALL, 80)):
        _write(path, ".jpg", _shrunk(pixels, side)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return pixels.shape[1], pixels.shape[0]


def write_map_file(probability: ProbabilityMap, path: Path) -> None:
    """Writes a probability map as PNG in one colour, the more transparent the less probable.

    Args:
        probability: (H, W), covers its image.
        path: of the file.
    """
    levels = _shrunk((probability.astype(np.float32) * (255 / full_scale(probability))).astype(np.uint8), LARGE)
    colours = np.full((*levels.shape, 3), MAP_COLOUR, np.uint8)
    _write(path, ".png", np.dstack([colours, levels]), [cv2.IMWRITE_PNG_COMPRESSION, 6])


def _shrunk(pixels: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Pixels with a longest side of at most `side` px."""
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    width, height = (max(1, round(scale * length)) for length in (pixels.shape[1], pixels.shape[0]))
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _write(path: Path, ending: str, pixels: npt.NDArray[np.uint8], options: list[int]) -> None:
    """Plainly: the page, which is written last and whole, is what makes a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(ending, np.ascontiguousarray(pixels), options)[1].tobytes())
