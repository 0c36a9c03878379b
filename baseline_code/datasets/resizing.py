"""Images of any size as squares of the network's size."""

from __future__ import annotations

import cv2
import numpy as np

from baseline_code.images.reading import Pixels


def resize_square(image: Pixels, size: int) -> Pixels:
    """Stretches an image to a square; the aspect ratio of others is not kept.

    Args:
        image: (H, W, 3) uint8.
        size: side of the result in pixels.

    Returns:
        (size, size, 3) uint8: averaged over areas where a side shrinks, else by cubic interpolation; the image itself
        where it has this size.
    """
    height, width = image.shape[:2]
    if height == width == size:
        return image
    interpolation = cv2.INTER_AREA if max(height, width) > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (size, size), interpolation=interpolation), dtype=np.uint8)
