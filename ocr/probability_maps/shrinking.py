"""Views that are much larger than the frame: averaged first, since bilinear sampling alone would skip pixels."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from ocr.geometry import Matrix, scaling
from ocr.probability_maps.resampling import Levels, Weights

MUCH = 2.0
"""Pixels of a view per pixel of the frame, along one axis, from which on it is averaged."""


class Shrunk(NamedTuple):
    """A smaller view in the same place."""

    levels: Levels
    window: Weights | None  # None: 1
    frame_to_view: Matrix


def is_much_larger(frame_to_view: Matrix) -> bool:
    """Whether some pixels of a view would not be read."""
    return max(_pixels_per_pixel(frame_to_view)) >= MUCH - 1e-6


def shrink(levels: Levels, mask: Weights, frame_to_view: Matrix) -> Shrunk:
    """Average a view over areas, as many whole pixels each as fit into a pixel of the frame.

    Args:
        levels: (h, w).
        mask: (h, w) weight of each pixel, >= 0.
        frame_to_view: (3, 3), continuous coordinates.

    Returns:
        The weighted means, the mean weights (None where all are 1), and the matrix to them.
    """
    height, width = levels.shape
    across, down = (int(size + 1e-6) for size in _pixels_per_pixel(frame_to_view))
    small = (max(1, width // max(across, 1)), max(1, height // max(down, 1)))
    weights = np.asarray(cv2.resize(mask, small, interpolation=cv2.INTER_AREA), dtype=np.float32)
    weighted = cv2.resize(levels * mask, small, interpolation=cv2.INTER_AREA)
    means = np.divide(weighted, weights, out=np.zeros_like(weights), where=weights > 0)
    matrix: Matrix = scaling(small[0] / width, small[1] / height) @ frame_to_view
    window = None if weights.min() >= 1.0 - 1e-6 else weights
    return Shrunk(np.rint(means.clip(0, 65535)).astype(np.uint16), window, matrix)


def _pixels_per_pixel(frame_to_view: Matrix) -> tuple[float, float]:
    """Pixels of the view along its x and y axis per pixel of the frame."""
    across, down = np.linalg.norm(frame_to_view[:2, :2], axis=1).tolist()
    return across, down
