"""Where a view lies in the frame that views are fused in, and the cheapest exact way to read it there."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ocr.geometry import Matrix, to_opencv, translation
from ocr.probability_maps.placed_views import AffineView, GridView, PlacedView, Region, ScaledView
from ocr.probability_maps.resampling import Levels, Taps, Weights, make_taps, mask_image, whole_blocks
from ocr.probability_maps.shrinking import is_much_larger, shrink

EPSILON = 1e-6
"""Edges of images and centres of pixels fall together up to this, px: matrices are inverted and multiplied."""


def place_view(
    levels: Levels, window: Weights | None, frame_to_view: Matrix, width: int, height: int
) -> PlacedView | None:
    """Choose the cheapest exact way to read a view in the frame.

    Args:
        levels: (h, w) the view's values.
        window: (h, w) what each of them counts, or None: 1.
        frame_to_view: (3, 3) affine, continuous coordinates.
        width: of the frame, which covers the image exactly, px.
        height: likewise.

    Returns:
        The view in its place; None where it shows nothing of the image.
    """
    levels = np.ascontiguousarray(levels)
    if is_much_larger(frame_to_view):
        mask = _mask(levels, window, frame_to_view, width, height)
        levels, window, frame_to_view = shrink(levels, mask, frame_to_view)
    if abs(frame_to_view[0, 1]) * height < EPSILON and abs(frame_to_view[1, 0]) * width < EPSILON:
        return _place_upright(levels, window, frame_to_view, width, height)
    region = _bounds(levels, frame_to_view, width, height)
    return None if region is None else _place_affine(levels, window, frame_to_view, width, height, region)


def _place_upright(
    levels: Levels, window: Weights | None, frame_to_view: Matrix, width: int, height: int
) -> PlacedView | None:
    """A view that is scaled, shifted and mirrored at most."""
    rows = _along(frame_to_view[1, 1], frame_to_view[1, 2], height, levels.shape[0])
    columns = _along(frame_to_view[0, 0], frame_to_view[0, 2], width, levels.shape[1])
    if rows is None or columns is None:
        return None
    region = Region(rows.start, rows.end, columns.start, columns.end)
    if rows.is_grid and columns.is_grid:
        part = rows.picked, columns.picked
        inside = None if window is None else np.ascontiguousarray(window[part])
        return GridView(np.ascontiguousarray(levels[part]), inside, region)
    if window is None:
        return ScaledView(levels, rows.taps, columns.taps, region)
    return _place_affine(levels, window, frame_to_view, width, height, region)


def _place_affine(
    levels: Levels, window: Weights | None, frame_to_view: Matrix, width: int, height: int, region: Region
) -> AffineView:
    mask = _mask(levels, window, frame_to_view, width, height)
    return AffineView(levels, mask, whole_blocks(mask), to_opencv(frame_to_view), region)


class _Along(NamedTuple):
    """What a view covers along one axis: pixels `start` to `end` of the frame, and their taps."""

    start: int
    end: int
    taps: Taps

    @property
    def is_grid(self) -> bool:
        """Whether the view's pixels are the frame's, forwards or backwards."""
        steps = np.diff(self.taps.near)
        return not self.taps.fraction.any() and bool((steps == 1).all() or (steps == -1).all())

    @property
    def picked(self) -> slice:
        """The view's pixels in the frame's order, where they are the frame's."""
        first, last = int(self.taps.near[0]), int(self.taps.near[-1])
        if first <= last:
            return slice(first, last + 1)
        return slice(first, last - 1 if last > 0 else None, -1)


def _along(scale: float, offset: float, frame_size: int, view_size: int) -> _Along | None:
    centres = scale * (np.arange(frame_size, dtype=np.float64) + 0.5) + offset
    covered = np.flatnonzero((centres >= -EPSILON) & (centres <= view_size + EPSILON))
    if not len(covered):
        return None
    low, high = sorted((offset, scale * frame_size + offset))
    first, last = max(0, math.ceil(low - 0.5 - EPSILON)), min(view_size - 1, math.floor(high - 0.5 + EPSILON))
    if last < first:  # the image is thinner than a pixel of the view
        first = last = min(max(int((low + high) / 2), 0), view_size - 1)
    start, end = int(covered[0]), int(covered[-1]) + 1
    return _Along(start, end, make_taps(centres[start:end] - 0.5, first, last))


def _mask(levels: Levels, window: Weights | None, frame_to_view: Matrix, width: int, height: int) -> Weights:
    """The window, 0 outside the image."""
    everywhere = np.ones(levels.shape, np.float32) if window is None else np.ascontiguousarray(window)
    view_to_frame = np.linalg.inv(frame_to_view) @ translation(0.5, 0.5)
    return mask_image(everywhere, np.ascontiguousarray(view_to_frame[:2]), width, height)


def _bounds(levels: Levels, frame_to_view: Matrix, width: int, height: int) -> Region | None:
    """Smallest region of the frame that holds a view; None where they do not meet."""
    bottom, right = levels.shape
    corners = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], dtype=np.float64)
    view_to_frame = np.linalg.inv(frame_to_view)
    placed = corners @ view_to_frame[:2, :2].T + view_to_frame[:2, 2]
    left, top = np.floor(placed.min(axis=0).clip(0, (width, height))).astype(int).tolist()
    right, bottom = np.ceil(placed.max(axis=0).clip(0, (width, height))).astype(int).tolist()
    return Region(top, bottom, left, right) if top < bottom and left < right else None
