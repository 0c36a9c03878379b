"""Views of an image, and the frame that they are fused in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry import Matrix, scaling
from ocr.postprocess.regions import ProbabilityMap, full_scale

Weights = npt.NDArray[np.float32]


class MapView(NamedTuple):
    """One view of an image: flipped, rotated, scaled, or a part of it."""

    probability: ProbabilityMap  # (H, W); padding is not read
    input_to_original: Matrix  # (3, 3), any affine one
    weight: float = 1.0  # >= 0, beside those of the other views
    window: Weights | None = None  # (H, W) in [0, 1]: what each pixel counts; None: 1


class Frame(NamedTuple):
    """Size of a map that covers its image exactly, px."""

    width: int
    height: int


def check_view(view: MapView) -> None:
    """Make sure that a view can be read.

    Raises:
        ValueError: if a shape, a type, the window or the matrix is another than `MapView` says.
    """
    full_scale(view.probability)
    matrix, window = view.input_to_original, view.window
    is_affine = matrix.shape == (3, 3) and np.isfinite(matrix).all() and np.array_equal(matrix[2], (0.0, 0.0, 1.0))
    if not is_affine or np.linalg.det(matrix) == 0.0:
        raise ValueError(f"expected an affine (3, 3) matrix that can be inverted, got {matrix.tolist()}")
    if window is None:
        return
    if window.shape != view.probability.shape or window.dtype != np.float32:
        raise ValueError(
            f"expected a float32 window of the map's shape {view.probability.shape}, got {window.shape} {window.dtype}"
        )
    if not (window.min() >= 0.0 and window.max() <= 1.0):
        raise ValueError(f"expected a window in [0, 1], got {window.min()} to {window.max()}")


def finest_frame(views: Sequence[MapView], width_original: int, height_original: int) -> Frame:
    """The frame whose pixels are those of the view with the highest resolution.

    Args:
        views: at least one.
        width_original: px.
        height_original: px.
    """
    frames = []
    for view in views:
        scale_x, scale_y = np.linalg.norm(np.linalg.inv(view.input_to_original)[:2, :2], axis=0).tolist()
        frames.append(Frame(max(1, round(width_original * scale_x)), max(1, round(height_original * scale_y))))
    return max(frames, key=lambda frame: (frame.width * frame.height, frame.width))


def frame_to_view(view: MapView, frame: Frame, width_original: int, height_original: int) -> Matrix:
    """(3, 3) from the frame to a view."""
    matrix: Matrix = np.linalg.inv(view.input_to_original) @ scaling(
        width_original / frame.width, height_original / frame.height
    )
    return matrix
