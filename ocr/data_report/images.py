"""The image files of a data set: whether they can be read, their sizes as displayed, and what they look like."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from baseline_code.images.reading import ImageReadError, open_image
from ocr.annotations.labelled_sizes import Size
from ocr.cross_validation.perceptual_hash import Hashes, hash_opened


class ScannedImage(NamedTuple):
    """An image that can be read."""

    path: Path
    size: Size  # as displayed
    orientation: int  # of EXIF; 1: none
    hash: Hashes


def scan_image(path: Path) -> ScannedImage | str:
    """Decodes an image file.

    Returns:
        Why it cannot be read, in words, if it cannot.
    """
    try:
        with open_image(path) as file:
            return ScannedImage(path, (file.width, file.height), file.orientation, hash_opened(file))
    except ImageReadError as error:
        return str(error).removeprefix(f"{path}: ")
