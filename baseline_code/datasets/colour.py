"""Brightness, contrast and saturation of an image in one pass."""

from __future__ import annotations

import cv2
import numpy as np

from baseline_code.images.reading import Pixels

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as in OpenCV and Pillow


def jitter(image: Pixels, brightness: float, contrast: float, saturation: float) -> Pixels:
    """Scales brightness, then contrast about the mean grey level, then saturation; rounds and clips once at the end.

    Args:
        image: (H, W, 3) uint8 RGB.
        brightness: factor of all values, >= 0.
        contrast: factor of the distance from the image's mean grey level, >= 0.
        saturation: factor of the distance from each pixel's own grey level, >= 0; 0 makes it grey.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    mean_grey = float(_LUMA @ np.array(cv2.mean(image)[:3]))
    gain = brightness * contrast
    offset = brightness * mean_grey * (1 - contrast)
    if saturation == 1:
        table = np.clip(np.rint(np.arange(256) * gain + offset), 0, 255).astype(np.uint8)
        return np.asarray(cv2.LUT(image, table), dtype=np.uint8)
    mix = gain * (saturation * np.eye(3) + (1 - saturation) * _LUMA)
    matrix = np.column_stack([mix, np.full(3, offset)])  # a grey offset has no saturation to change
    return np.asarray(cv2.transform(image, matrix), dtype=np.uint8)
