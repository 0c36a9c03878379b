"""Bilinear values of a view at the pixels of a frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.uint16]
Weights = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

BORDER = 0.5 + 1e-6
"""From a pixel's centre to its edge: a view ends at the edges of its outermost pixels."""
FRACTION_STEPS = 65536
"""Positions are rounded to 1 / 65536 px. A pixel of 16 bits times two such fractions is exact in float64: mirrored
views give mirrored values, to the bit."""


class Taps(NamedTuple):
    """Where N pixels in a row lie between those of a view."""

    near: Indices  # (N,) index of the pixel before or at each
    far: Indices  # (N,) of the one after it
    fraction: Floats  # (N,) fraction of the one after, in [0, 1)


def make_taps(positions: Floats, first: int, last: int) -> Taps:
    """The neighbours of each position.

    Args:
        positions: (N,) in pixel indices: 0 is the centre of the first pixel.
        first: index of the first pixel that may be read; positions before it take its value.
        last: index of the last one.
    """
    rounded = np.rint(positions.clip(first, last) * FRACTION_STEPS) / FRACTION_STEPS
    near = np.floor(rounded).astype(np.int64)
    return Taps(near, np.minimum(near + 1, last), rounded - near)


def resample(levels: Levels, rows: Taps, columns: Taps) -> Floats:
    """Bilinear values on a grid of H x W positions, each the taps of its row and its column.

    Args:
        levels: (h, w), contiguous.
        rows: H of them.
        columns: W of them.

    Returns:
        (H, W), exact.
    """
    sampled = np.empty((len(rows.near), len(columns.near)))
    _resample(levels, rows.near, rows.far, rows.fraction, columns.near, columns.far, columns.fraction, sampled)
    return sampled


@compiled
def _resample(
    levels: Levels,
    rows: Indices,
    next_rows: Indices,
    row_fractions: Floats,
    columns: Indices,
    next_columns: Indices,
    column_fractions: Floats,
    sampled: Floats,
) -> None:
    blended = np.empty(levels.shape[1])
    for y in range(len(rows)):
        upper, lower, fraction = levels[rows[y]], levels[next_rows[y]], row_fractions[y]
        for x in range(levels.shape[1]):
            blended[x] = upper[x] * (1.0 - fraction) + lower[x] * fraction
        for x in range(len(columns)):
            fraction = column_fractions[x]
            sampled[y, x] = blended[columns[x]] * (1.0 - fraction) + blended[next_columns[x]] * fraction


@compiled
def resample_affine(
    levels: Levels, mask: Weights, whole: npt.NDArray[np.bool_], matrix: Floats, height: int, width: int
) -> tuple[Floats, Floats]:
    """Bilinear values at H x W positions anywhere in a view; pixels without weight take no part.

    Args:
        levels: (h, w).
        mask: (h, w) weight of each pixel, >= 0.
        whole: (h, w) see `whole_blocks`: most pixels of most views, and a shorter way.
        matrix: (2, 3) from pixel indices of the frame to those of the view.
        height: H.
        width: W.

    Returns:
        (H, W) values, 0 where nothing is covered; (H, W) weights: the mask's, bilinear between pixels that have one, 0
        outside the view.
    """
    values, weights = np.zeros((height, width)), np.zeros((height, width))
    bottom, right = float(levels.shape[0] - 1), float(levels.shape[1] - 1)
    for y in range(height):
        from_u, from_v = matrix[0, 1] * y + matrix[0, 2], matrix[1, 1] * y + matrix[1, 2]
        for x in range(width):
            u, v = matrix[0, 0] * x + from_u, matrix[1, 0] * x + from_v
            if u < -BORDER or v < -BORDER or u > right + BORDER or v > bottom + BORDER:
                continue
            u, v = min(max(u, 0.0), right), min(max(v, 0.0), bottom)
            column, row = int(u), int(v)
            to_right, to_below = u - column, v - row
            if whole[row, column]:
                upper_left, lower_left = float(levels[row, column]), float(levels[row + 1, column])
                upper = upper_left + to_right * (levels[row, column + 1] - upper_left)
                lower = lower_left + to_right * (levels[row + 1, column + 1] - lower_left)
                values[y, x], weights[y, x] = upper + to_below * (lower - upper), 1.0
            else:
                values[y, x], weights[y, x] = _masked_value(levels, mask, row, column, to_below, to_right)
    return values, weights


@compiled
def _masked_value(
    levels: Levels, mask: Weights, row: int, column: int, to_below: float, to_right: float
) -> tuple[float, float]:
    """Value and weight between four pixels, some of which may have no weight or lie outside."""
    total, weight, fraction = 0.0, 0.0, 0.0
    for y in range(row, min(row + 2, levels.shape[0])):
        for x in range(column, min(column + 2, levels.shape[1])):
            tap = (1.0 - to_below if y == row else to_below) * (1.0 - to_right if x == column else to_right)
            if mask[y, x] > 0.0:
                total += tap * mask[y, x] * levels[y, x]
                weight += tap * mask[y, x]
                fraction += tap
    return (total / weight, weight / fraction) if weight > 0.0 else (0.0, 0.0)


def whole_blocks(mask: Weights) -> npt.NDArray[np.bool_]:
    """Whether a pixel and its neighbours to the right, below, and to the right below all weigh 1; (h, w)."""
    ones, blocks = mask >= 1.0 - 1e-6, np.zeros(mask.shape, np.bool_)
    blocks[:-1, :-1] = ones[:-1, :-1] & ones[:-1, 1:] & ones[1:, :-1] & ones[1:, 1:]
    return blocks


@compiled
def mask_image(window: Weights, view_to_frame: Floats, width: int, height: int) -> Weights:
    """The window where a view's pixels have their centres inside the image, 0 elsewhere.

    Args:
        window: (h, w) weights.
        view_to_frame: (2, 3) from pixel indices of the view to continuous coordinates of the frame.
        width: of the frame, which is the image's.
        height: likewise.

    Returns:
        (h, w).
    """
    mask = np.zeros_like(window)
    for y in range(window.shape[0]):
        from_x = view_to_frame[0, 1] * y + view_to_frame[0, 2]
        from_y = view_to_frame[1, 1] * y + view_to_frame[1, 2]
        for x in range(window.shape[1]):
            frame_x, frame_y = view_to_frame[0, 0] * x + from_x, view_to_frame[1, 0] * x + from_y
            if -1e-6 < frame_x < width + 1e-6 and -1e-6 < frame_y < height + 1e-6:
                mask[y, x] = window[y, x]
    return mask
