"""Erase a rectangle of an image."""

from __future__ import annotations

import math

import cv2
import numpy as np

from baseline_code.images.reading import Pixels


def erase(image: Pixels, area: float, aspect: float, centre: tuple[float, float]) -> Pixels:
    """Fills a rectangle with the image's mean colour.

    Args:
        image: (H, W, 3) uint8.
        area: of the rectangle, as fraction of the image's, in [0, 1].
        aspect: its width / height in units of the image's, > 0.
        centre: (x, y) of its centre in [0, 1) of width and height; what overhangs is cut off.

    Returns:
        A changed copy.

    Source:
        DeVries and Taylor (arXiv 1708.04552), cutout: squares that may overhang, in the mean colour; rectangles of
        random area and aspect from Zhong et al., AAAI 2020 (arXiv 1708.04896).
    """
    height, width = image.shape[:2]
    half_width = width * math.sqrt(area * aspect) / 2
    half_height = height * math.sqrt(area / aspect) / 2
    left, right = (round(centre[0] * width + side * half_width) for side in (-1, 1))
    top, bottom = (round(centre[1] * height + side * half_height) for side in (-1, 1))
    erased = image.copy()
    erased[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = np.rint(cv2.mean(image)[:3])
    return erased
