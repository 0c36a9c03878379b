"""Pixels become the bytes of an image file."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

_REVERSED = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}


def encode_jpeg(pixels: npt.NDArray[np.uint8], quality: int) -> bytes:
    """The bytes of a JPEG.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        quality: of the JPEG, 0 to 100.

    Raises:
        ValueError: if a side is longer than 65,500 px.
    """
    return _encode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])


def encode_png(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], compression: int | None = None) -> bytes:
    """The bytes of a PNG.

    Args:
        pixels: (H, W) grey levels, (H, W, 3) RGB or (H, W, 4) RGB with opacity.
        compression: 0 to 9, slow and small; None: OpenCV's choice, which is fast.
    """
    return _encode(".png", pixels, [] if compression is None else [cv2.IMWRITE_PNG_COMPRESSION, compression])


def _encode(ending: str, pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], options: list[int]) -> bytes:
    stored = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, _REVERSED[pixels.shape[2]])
    is_encoded, data = cv2.imencode(ending, stored, options)
    if not is_encoded:
        height, width = pixels.shape[:2]
        raise ValueError(f"expected an image that fits into a {ending} file, got one of {width} x {height} px")
    return data.tobytes()
