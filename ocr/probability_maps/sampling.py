"""Bilinear values of a view at the pixels of a frame, and what each of them counts."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import Matrix, scaling, to_opencv
from ocr.geometry.compiled import compiled
from ocr.probability_maps.views import Frame, Weights

Levels = npt.NDArray[np.uint16]
Values = npt.NDArray[Any]
"""Levels, or float32 between them; 65535 = 1."""

EPSILON = 1e-6
"""Edges of images and centres of pixels fall together up to this, px: matrices are inverted and multiplied."""
MUCH = 2.0
"""Pixels of a view per pixel of the frame, along one axis, from which on areas are averaged."""
STEPS = 65536
"""Positions along an axis are rounded to 1 / 65536 px: of mirrored views to mirrored ones, on pixels exactly."""
BORDER = 0.5 + EPSILON
"""From a pixel's centre to its edge: a view ends at the edges of its outermost pixels."""


class Sampled(NamedTuple):
    """What a view shows of some rows and columns of the frame; the rest it does not cover."""

    values: Values  # (h, w)
    weights: Weights | None  # (h, w) >= 0; None: 1
    rows: slice = slice(None)
    columns: slice = slice(None)


def sample_view(levels: Levels, window: Weights | None, frame_to_view: Matrix, frame: Frame) -> Sampled | None:
    """Read a view at the centres of the frame's pixels.

    Pixels with their centres outside the image are not read: next to the image's edge its outermost pixels count alone.
    A view with two or more pixels per pixel of the frame is averaged over areas first.

    Args:
        levels: (h, w) the view's values.
        window: (h, w) what each of them counts, >= 0; None: 1.
        frame_to_view: (3, 3) affine, continuous coordinates.
        frame: which covers the image exactly.

    Returns:
        Values and weights; None if the view covers no pixel of the frame.
    """
    if max(_pixels_per_pixel(frame_to_view)) >= MUCH - EPSILON:
        levels, window, frame_to_view = _shrink(levels, _mask(levels, window, frame_to_view, frame), frame_to_view)
    if abs(frame_to_view[0, 1]) * frame.height < EPSILON and abs(frame_to_view[1, 0]) * frame.width < EPSILON:
        return _sample_upright(levels, window, frame_to_view, frame)
    mask = _mask(levels, window, frame_to_view, frame)
    return Sampled(*_sample_rotated(levels, mask, to_opencv(frame_to_view), frame.height, frame.width))


class _Taps(NamedTuple):
    """Between which pixels of a view the frame's pixels `covered` lie, along one axis."""

    covered: slice
    near: npt.NDArray[np.int64]
    far: npt.NDArray[np.int64]
    fraction: npt.NDArray[np.float32]  # of the far one, in [0, 1)


def _sample_upright(levels: Levels, window: Weights | None, frame_to_view: Matrix, frame: Frame) -> Sampled | None:
    """A view that is scaled, shifted and mirrored at most."""
    rows = _taps(frame_to_view[1, 1], frame_to_view[1, 2], frame.height, levels.shape[0])
    columns = _taps(frame_to_view[0, 0], frame_to_view[0, 2], frame.width, levels.shape[1])
    if rows is None or columns is None:
        return None
    if window is None:
        return Sampled(_interpolate(levels, rows, columns), None, rows.covered, columns.covered)
    weights = _interpolate(window, rows, columns)
    weighted = _interpolate(levels * window, rows, columns)
    values = np.divide(weighted, weights, out=np.zeros_like(weights), where=weights > 0)
    return Sampled(values, weights, rows.covered, columns.covered)


def _taps(scale: float, offset: float, frame_size: int, view_size: int) -> _Taps | None:
    """The pixels to read for those of the frame that a view covers along one axis; None if there is none."""
    centres = scale * (np.arange(frame_size) + 0.5) + offset
    covered = np.flatnonzero((centres >= -EPSILON) & (centres <= view_size + EPSILON))
    if not len(covered):
        return None
    low, high = sorted((offset, scale * frame_size + offset))  # the image
    first, last = max(0, math.ceil(low - BORDER)), min(view_size - 1, math.floor(high - 0.5 + EPSILON))
    if last < first:  # it is thinner than a pixel of the view
        first = last = min(max(int((low + high) / 2), 0), view_size - 1)
    start, end = int(covered[0]), int(covered[-1]) + 1
    positions = np.rint((centres[start:end] - 0.5).clip(first, last) * STEPS) / STEPS
    near = np.floor(positions).astype(np.int64)
    return _Taps(slice(start, end), near, np.minimum(near + 1, last), (positions - near).astype(np.float32))


def _interpolate(values: Values, rows: _Taps, columns: _Taps) -> Values:
    """(H, W) values between rows, then between columns; as they are if the pixels are the view's."""
    for axis, taps in enumerate((rows, columns)):
        if not taps.fraction.any():
            is_whole = np.array_equal(taps.near, np.arange(values.shape[axis]))
            values = values if is_whole else values.take(taps.near, axis)
            continue
        values = values.astype(np.float32, copy=False)
        near, between = values.take(taps.near, axis), values.take(taps.far, axis)
        between -= near
        between *= taps.fraction[:, None] if axis == 0 else taps.fraction
        between += near
        values = between
    return values


@compiled
def _sample_rotated(levels: Levels, mask: Weights, matrix: Matrix, height: int, width: int) -> tuple[Weights, Weights]:
    """Values and weights at H x W positions anywhere in a view, in float64: OpenCV's warps round positions too much.

    Args:
        levels: (h, w).
        mask: (h, w) weight of each pixel, >= 0; those of weight 0 take no part.
        matrix: (2, 3) from pixel indices of the frame to those of the view.
        height: H.
        width: W.
    """
    values, weights = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    bottom, right = levels.shape[0] - 1, levels.shape[1] - 1
    for y in range(height):
        for x in range(width):
            u = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
            v = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
            if u < -BORDER or v < -BORDER or u > right + BORDER or v > bottom + BORDER:
                continue
            u, v = min(max(u, 0.0), float(right)), min(max(v, 0.0), float(bottom))
            column, row = int(u), int(v)
            total, weight, inside = 0.0, 0.0, 0.0
            for j in range(row, min(row + 2, bottom + 1)):
                for i in range(column, min(column + 2, right + 1)):
                    if mask[j, i] > 0.0:
                        tap = (1.0 - abs(u - i)) * (1.0 - abs(v - j))
                        inside += tap
                        weight += tap * mask[j, i]
                        total += tap * mask[j, i] * levels[j, i]
            if weight > 0.0:
                values[y, x], weights[y, x] = total / weight, weight / inside
    return values, weights


def _mask(levels: Levels, window: Weights | None, frame_to_view: Matrix, frame: Frame) -> Weights:
    """The window where a view's pixels have their centres inside the image, 0 elsewhere."""
    height, width = levels.shape
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    inside = np.ones(levels.shape, np.bool_)
    for (by_x, by_y, offset), side in zip(np.linalg.inv(frame_to_view)[:2], frame, strict=True):
        place = by_x * x + (by_y * y + offset)
        inside &= (place > -EPSILON) & (place < side + EPSILON)
    return inside.astype(np.float32) if window is None else window * inside


class _Shrunk(NamedTuple):
    """A smaller view in the same place."""

    levels: Levels
    window: Weights | None
    frame_to_view: Matrix


def _shrink(levels: Levels, mask: Weights, frame_to_view: Matrix) -> _Shrunk:
    """Weighted means of areas of as many whole pixels as fit into a pixel of the frame, and their mean weights."""
    height, width = levels.shape
    across, down = (int(size + EPSILON) for size in _pixels_per_pixel(frame_to_view))
    small = (max(1, width // max(across, 1)), max(1, height // max(down, 1)))
    weights = np.asarray(cv2.resize(mask, small, interpolation=cv2.INTER_AREA), dtype=np.float32)
    weighted = cv2.resize(levels * mask, small, interpolation=cv2.INTER_AREA)
    means = np.divide(weighted, weights, out=np.zeros_like(weights), where=weights > 0)
    window = None if weights.min() >= 1.0 - EPSILON else weights
    matrix: Matrix = scaling(small[0] / width, small[1] / height) @ frame_to_view
    return _Shrunk(np.rint(means.clip(0, 65535)).astype(np.uint16), window, matrix)


def _pixels_per_pixel(frame_to_view: Matrix) -> tuple[float, float]:
    """Pixels of the view along its x and y axis per pixel of the frame."""
    across, down = np.linalg.norm(frame_to_view[:2, :2], axis=1).tolist()
    return across, down
