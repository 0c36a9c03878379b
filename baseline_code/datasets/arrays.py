"""Labelled images of one size in memory."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Hashable

import cv2
import numpy as np

from baseline_code.datasets.source import Labels
from baseline_code.images.reading import Pixels


class ImageArrays:
    """Images in one array, which is not copied.

    Args:
        pixels: (N, H, W) grey or (N, H, W, 3) RGB, uint8; any memory order.
        labels: (N,) indices into `classes`.
        classes: their names.
        prefix: of the names, `<prefix>/000000` and so on.
    """

    def __init__(self, pixels: Pixels, labels: Labels, classes: tuple[str, ...], prefix: str) -> None:
        self.pixels = pixels
        self.labels = labels
        self.classes = classes
        self.names = tuple(f"{prefix}/{index:06d}" for index in range(len(pixels)))

    def __len__(self) -> int:
        """Number of images."""
        return len(self.pixels)

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB; grey is repeated."""
        image = self.pixels[index]
        if image.ndim == 2:
            return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        return np.array(image, order="C")

    def quick_key(self, index: int) -> Hashable:
        """Check sum of the pixels."""
        return zlib.crc32(self.pixels[index].tobytes())

    def digest(self, index: int) -> bytes:
        """Hash of the pixels."""
        return hashlib.sha256(self.pixels[index].tobytes()).digest()
