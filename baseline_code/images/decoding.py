"""Stored pixels of an image file as 8-bit RGB, at full or reduced resolution; its orientation is left alone."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from baseline_code.images.jpeg_damage import check_end, check_lower_corner, complete_jpeg

Pixels = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""

BLACK_GAIN = 3.0
"""Transparent images are laid over black where that gives this many times the contrast that white gives."""
_PHOTOMETRIC_TAG = 262
_RAW_16_BIT = re.compile(r";16[BLN]")  # in Pillow's names: by order of bytes; "BGR;16" has 16 bits a pixel
_JPEG_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def choose_reduction(image: ImageFile.ImageFile, scale: float) -> int:
    """By how much an image may be reduced while it is decoded.

    Args:
        image: its parsed header.
        scale: fraction of the original's resolution that is needed, > 0.

    Returns:
        The largest of 1, 2, 4 and 8 that leaves at least `scale`, and a pixel; 1 for all but JPEG, which alone saves
        time by it.
    """
    if image.format not in ("JPEG", "MPO"):
        return 1
    # A scale that was meant to be 1/2 may come out of a matrix as a little more.
    largest = min(1 / scale + 1e-6, *image.size)
    return max((reduction for reduction in _JPEG_FLAGS if reduction <= largest), default=1)


def has_16_bit_samples(image: ImageFile.ImageFile) -> bool:
    """Whether an image whose header alone is parsed stores samples of 16 bits, of which the high byte is kept."""
    return image.mode.startswith("I;16") or _RAW_16_BIT.search(str(image.tile)) is not None


def decode(file: BinaryIO, image: ImageFile.ImageFile, reduction: int) -> Pixels:
    """Decode an opened file: ordinary JPEG by OpenCV (about twice as fast), everything else by Pillow.

    Args:
        file: the file that `image` was opened from.
        image: its parsed header; must not be used afterwards.
        reduction: as `choose_reduction` permits.

    Returns:
        (ceil(H / reduction), ceil(W / reduction), 3) uint8 RGB, C-contiguous and writable. A pixel shows the mean of
        about reduction x reduction stored ones; the last column and row may reach beyond the image's edge.

    Raises:
        Exception: of any kind, for broken bytes.
    """
    if image.format in ("JPEG", "MPO"):
        file.seek(0)
        data = complete_jpeg(file.read())
        if image.mode in ("L", "RGB"):
            return _decode_jpeg(data, reduction)
        check_end(data)
        image = Image.open(BytesIO(data), formats=("JPEG",))
    if reduction > 1:
        image.draft(image.mode, (image.width // reduction, image.height // reduction))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.load()  # strict: raises where bytes are missing
        return to_rgb(image)


def _decode_jpeg(data: bytes, reduction: int) -> Pixels:
    """Decode a JPEG of one or three channels to RGB."""
    flags = _JPEG_FLAGS[reduction] | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    if pixels is None:
        raise ValueError("OpenCV cannot decode it")
    check_lower_corner(data, np.asarray(pixels, dtype=np.uint8))
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), dtype=np.uint8)


def to_rgb(image: Image.Image) -> Pixels:
    """Convert a loaded image of any 8 or 16 bit mode to (H, W, 3) uint8 RGB, transparency over white or black."""
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return _grey16_to_rgb(image)
    if image.mode in ("I", "F"):
        raise ValueError(f"expected 8 or 16 bits per sample, got mode {image.mode} of 32 bits")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return composite_over(np.asarray(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def _grey16_to_rgb(image: Image.Image) -> Pixels:
    """High byte of each 16-bit grey sample (so v x 257 and v x 256 both come back as v), three times."""
    samples = np.array(image)
    grey = (samples >> 8).astype(np.uint8)
    if image.format == "TIFF" and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC_TAG) == 0:
        grey = 255 - grey  # "white is zero"
    rgb = np.repeat(grey[:, :, None], 3, axis=2)
    if "transparency" not in image.info:
        return rgb
    opaque = np.where(samples == image.info["transparency"], 0, 255).astype(np.uint8)
    return composite_over(np.concatenate((rgb, opaque[:, :, None]), axis=2))


def composite_over(rgba: Pixels) -> Pixels:
    """Composite a transparent image over white, or over black where white would hide what it shows.

    Light text on nothing is made for a dark background. Black is taken where it gives more than three times the
    contrast (the standard deviation of the brightness) that white gives, so that a page with transparent corners keeps
    its white ones.

    Args:
        rgba: (H, W, 4) uint8.

    Returns:
        (H, W, 3) uint8, rounded to the nearest level.
    """
    alpha = rgba[:, :, 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(rgba[:, :, :3])
    bright = cv2.cvtColor(np.ascontiguousarray(rgba[:, :, :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    opacity = alpha.astype(np.float32) / 255
    over_black = bright * opacity
    over_white = over_black + 255 * (1 - opacity)
    background = 0 if float(over_black.std()) > BLACK_GAIN * float(over_white.std()) else 255
    blended = rgba[:, :, :3] * alpha[:, :, None].astype(np.uint16)
    blended += background * (255 - alpha[:, :, None].astype(np.uint16)) + 127  # at most 255 x 255 + 127: fits 16 bits
    return (blended // 255).astype(np.uint8)
