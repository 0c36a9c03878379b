"""Whatever people call an image, as 8-bit RGB pixels."""

from __future__ import annotations

import os
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from baseline_code.images.decoding import Pixels, composite_over, to_rgb
from baseline_code.images.reading import decode_image, read_image
from baseline_code.images.reading_warnings import warn_of_dark_samples
from ocr.detection.colours import Order

AnyImage: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Image.Image | npt.NDArray[Any]
"""A path, the bytes of a file, a Pillow image, or pixels: (H, W) or (H, W, C) with C of 1 to 4."""
WHOLE_NUMBERS = 255
"""The largest value of 8 bits."""
EXPECTED = "a path, the bytes of an image file, a Pillow image, or an array (H, W) or (H, W, 3)"


def read_pixels(image: AnyImage, name: str = "image", channels: Order = "rgb") -> Pixels:
    """The pixels of an image as displayed: the EXIF orientation of files and of Pillow images is applied.

    Arrays are grey, grey with alpha, colour, or colour with alpha, by their last axis. Of 16 bits the high byte counts,
    floats lie in [0, 1]. Transparency is laid over white, or over black where white would hide what is shown.

    Whole numbers of any type up to 255 are those of 8 bits, also as uint16: arithmetic often leaves that type, while an
    array of 16 bits without any value above 255 would be black. An error would end a stream of images at a dark one. Of
    files the stored bits count, for they say themselves how many they are. An array of uint16 above 255 and below 4096
    is nearly black, and a warning says so.

    Args:
        image: see `AnyImage`.
        name: what to call it in errors; a path is called by itself.
        channels: the order of an array's colours; files and Pillow images know theirs.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        TypeError: if it is none of these.
        ValueError: if it has another shape or other values, or the file cannot be read.
    """
    if isinstance(image, str | os.PathLike):
        return read_image(image)
    if isinstance(image, bytes | bytearray | memoryview):
        return decode_image(bytes(image), name)
    if isinstance(image, Image.Image):
        return _from_pillow(image, name)
    if isinstance(image, np.ndarray):
        return _from_array(image, name, channels)
    raise TypeError(f"{name}: expected {EXPECTED}, got {'None' if image is None else type(image).__name__}")


def _from_pillow(image: Image.Image, name: str) -> Pixels:
    try:
        image.load()
        # Pillow turns a TIFF when it loads it, and a copy no longer says that white is zero.
        pixels = to_rgb(image if image.format == "TIFF" else ImageOps.exif_transpose(image))
        if image.mode.startswith("I;16"):
            warn_of_dark_samples(name, int(pixels.max()) * 256 + 255)
        return pixels
    except Exception as error:  # a lazily opened file may be anything
        raise ValueError(f"{name}: expected a Pillow image that can be read, got {image.mode} ({error})") from error


def _from_array(array: npt.NDArray[Any], name: str, channels: Order) -> Pixels:
    pixels = array[:, :, None] if array.ndim == 2 else array
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4) or 0 in pixels.shape:
        planes = array.ndim == 3 and array.shape[0] in (1, 3, 4)
        hint = ": move the channels last, by .transpose(1, 2, 0)" if planes else ""
        hint = ": give several images as a list" if array.ndim == 4 else hint
        raise ValueError(f"{name}: expected an array (H, W) or (H, W, C) with C of 1 to 4, got {array.shape}{hint}")
    pixels = _to_bytes(pixels, name)
    colour, alpha = (
        (pixels[:, :, :3], pixels[:, :, 3:]) if pixels.shape[2] > 2 else (pixels[:, :, :1], pixels[:, :, 1:])
    )
    if colour.shape[2] == 1:
        colour = np.repeat(colour, 3, axis=2)
    elif channels == "bgr":
        colour = colour[:, :, ::-1]
    return composite_over(np.concatenate((colour, alpha), axis=2)) if alpha.size else np.ascontiguousarray(colour)


def _to_bytes(pixels: npt.NDArray[Any], name: str) -> Pixels:
    kind = pixels.dtype
    if kind == np.uint8:
        return pixels
    if kind == np.uint16 and (most := int(pixels.max())) > WHOLE_NUMBERS:
        warn_of_dark_samples(name, most)
        return (pixels >> 8).astype(np.uint8)
    if kind == np.bool_ or kind.kind == "f":
        most, meaning = 1, "floats in [0, 1]"
    elif kind.kind in "iu":
        most, meaning = WHOLE_NUMBERS, "whole numbers in [0, 255]"
    else:
        raise ValueError(f"{name}: expected pixels of type uint8, uint16 or float, got {kind}")
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= 0 and high <= most):  # NaN, too
        raise ValueError(f"{name}: expected {meaning}, got {kind} from {low:g} to {high:g}: convert them to uint8")
    return np.rint(pixels * (255 / most)).astype(np.uint8)
