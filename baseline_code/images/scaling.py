"""Images in another size, for people to look at."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt


def shrink(pixels: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """(H, W) or (H, W, 3) with a longest side of at most `side` px; what is smaller is given back as it is."""
    scale = side / max(pixels.shape[:2])
    return pixels if scale >= 1 else resize(pixels, scale)


def resize(pixels: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    """(H, W) or (H, W, 3), each side `scale` times as long, of at least 1 px; an enlarged image shows its pixels."""
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(pixels, size, interpolation=interpolation), dtype=np.uint8)
