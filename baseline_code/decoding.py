"""Stored pixels of an image file as 8-bit RGB, at full or reduced resolution; its orientation is left alone."""

from __future__ import annotations

import warnings
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

Pixels = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""

_PHOTOMETRIC_TAG = 262
_JPEG_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def choose_reduction(image: ImageFile.ImageFile, scale: float) -> int:
    """By how much a picture may be reduced while it is decoded.

    Args:
        image: its parsed header.
        scale: share of the original's resolution that is needed, > 0.

    Returns:
        The largest of 1, 2, 4 and 8 that leaves at least `scale`, and a pixel; 1 for all but JPEG, which alone saves
        time by it.
    """
    if image.format not in ("JPEG", "MPO"):
        return 1
    # A scale that was meant to be 1/2 may come out of a matrix as a little more.
    largest = min(1 / scale + 1e-6, *image.size)
    return max((reduction for reduction in _JPEG_FLAGS if reduction <= largest), default=1)


def decode(file: BinaryIO, image: ImageFile.ImageFile, reduction: int) -> Pixels:
    """Decode an opened file: ordinary JPEG by OpenCV (about twice as fast), everything else by Pillow.

    Args:
        file: the file that `image` was opened from.
        image: its parsed header; must not be used afterwards.
        reduction: as `choose_reduction` permits.

    Returns:
        (ceil(H / reduction), ceil(W / reduction), 3) uint8 RGB, C-contiguous and writable. A pixel shows the mean of
        about reduction x reduction stored ones; the last column and row may reach beyond the picture's edge.

    Raises:
        Exception: of any kind, for broken bytes.
    """
    if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
        file.seek(0)
        data = file.read()
        if _has_jpeg_end(data):
            return _decode_jpeg(data, reduction)
    if reduction > 1:
        image.draft(image.mode, (image.width // reduction, image.height // reduction))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.load()  # strict: raises where bytes are missing
        return _to_rgb(image)


def _decode_jpeg(data: bytes, reduction: int) -> Pixels:
    """Decode a JPEG of one or three channels to RGB."""
    flags = _JPEG_FLAGS[reduction] | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    if pixels is None:
        raise ValueError("OpenCV cannot decode it")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), dtype=np.uint8)


def _has_jpeg_end(data: bytes) -> bool:
    """Whether an end-of-image marker follows the first scan.

    OpenCV fills what is missing from a truncated JPEG with grey and says nothing, so its end is looked for here. The
    search starts at the scan, for an EXIF thumbnail has an end marker of its own; inside the scan 0xFF is escaped.
    """
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xDA:  # start of scan
            return data.find(b"\xff\xd9", position) >= 0
        if marker == 0xFF:  # fill byte
            position += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a length
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return False


def _to_rgb(image: Image.Image) -> Pixels:
    """Convert a loaded image of any 8 or 16 bit mode to (H, W, 3) uint8 RGB, transparency over white."""
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return _grey16_to_rgb(image)
    if image.mode in ("I", "F"):
        raise ValueError(f"expected 8 or 16 bits per sample, got mode {image.mode} of 32 bits")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return _over_white(np.asarray(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def _grey16_to_rgb(image: Image.Image) -> Pixels:
    """High byte of each 16-bit grey sample (so v x 257 and v x 256 both come back as v), three times."""
    samples = np.array(image)
    grey = (samples >> 8).astype(np.uint8)
    if image.format == "TIFF" and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC_TAG) == 0:
        grey = 255 - grey  # "white is zero"
    if "transparency" in image.info:
        grey[samples == image.info["transparency"]] = 255
    return np.repeat(grey[:, :, None], 3, axis=2)


def _over_white(rgba: Pixels) -> Pixels:
    """Composite (H, W, 4) over white, rounded to the nearest level."""
    alpha = rgba[:, :, 3:].astype(np.uint16)
    blended = rgba[:, :, :3] * alpha  # at most 255 x 255, and so is the sum below: no overflow of 16 bits
    blended += 255 * (255 - alpha) + 127
    return (blended // 255).astype(np.uint8)
