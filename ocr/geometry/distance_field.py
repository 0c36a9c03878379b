"""The signed distance from pixel centres to a polygon, one row of pixels at a time."""

import math

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled
from ocr.geometry.measures import upright_box
from ocr.geometry.packed import FloatArray

Vertices = FloatArray
Row = npt.NDArray[np.uint8]
TIE = 1e-4
"""A pixel centre this close (px) to the edge of a shrunk or dilated region lies in it."""


@compiled
def pixel_bounds(vertices: Vertices, reach: float) -> tuple[int, int, int, int]:
    """Columns [left, right) and rows [top, bottom) of the pixels with centres no farther than `reach`, px, from a box.

    The box is the upright one around (K, 2) vertices, K >= 1; the pixels may lie outside the image.
    """
    left, top, right, bottom = upright_box(vertices)
    return (
        math.floor(left - reach - 0.5),
        math.ceil(right + reach + 0.5),
        math.floor(top - reach - 0.5),
        math.ceil(bottom + reach + 0.5),
    )


@compiled
def mark_inside(vertices: Vertices, y: float, column_start: int, inside: Row) -> None:
    """Set inside[c] to 1 where the pixel centre in column `column_start` + c lies in a polygon (even-odd), else to 0.

    Args:
        vertices: (K, 2), px.
        y: Height of the row's pixel centres, px.
        column_start: Column of the row's first pixel.
        inside: (C + 1,) for C pixels; the last value is left undefined.
    """
    count, last = len(vertices), len(inside) - 1
    inside[:] = 0
    for first in range(count):
        second = first + 1 if first + 1 < count else 0
        y_first, y_second = vertices[first, 1], vertices[second, 1]
        if (y_first <= y) != (y_second <= y):
            x_first, x_second = vertices[first, 0], vertices[second, 0]
            x = x_first + (y - y_first) / (y_second - y_first) * (x_second - x_first)
            column = math.ceil(x - 0.5) - column_start
            inside[min(max(column, 0), last)] ^= 1
    within = np.uint8(0)
    for i in range(last):
        within ^= inside[i]
        inside[i] = within


@compiled
def squared_distances(
    vertices: Vertices, reach: float, y: float, column_start: int, squared: npt.NDArray[np.float32]
) -> tuple[int, int]:
    """Squared distance (px²) from one row's pixel centres to a polygon, as far as `reach`; beyond it, 4 reach².

    Args:
        vertices: (K, 2), px.
        reach: How far distances are asked for, px.
        y: Height of the row's pixel centres, px.
        column_start: Column of the row's first pixel.
        squared: (C,), filled.

    Returns:
        The range [start, stop) of pixels, from the row's first one, that holds all within `reach` of the polygon, and
        with them all inside of it.
    """
    count, columns = len(vertices), len(squared)
    zero, one = np.float32(0.0), np.float32(1.0)
    squared[:] = np.float32(4.0 * reach * reach)
    first_start, last_stop = columns, 0
    for first in range(count):
        second = first + 1 if first + 1 < count else 0
        ax, ay, bx, by = vertices[first, 0], vertices[first, 1], vertices[second, 0], vertices[second, 1]
        if y < min(ay, by) - reach or y > max(ay, by) + reach:
            continue
        start = max(0, math.floor(min(ax, bx) - reach - 0.5) - column_start)
        stop = min(columns, math.ceil(max(ax, bx) + reach + 0.5) - column_start)
        first_start, last_stop = min(first_start, start), max(last_stop, stop)
        if stop <= start:
            continue
        step_x, step_y = np.float32(bx - ax), np.float32(by - ay)
        length = step_x * step_x + step_y * step_y
        inverse = one / length if length > zero else zero
        from_x, from_y = np.float32(column_start + start + 0.5 - ax), np.float32(y - ay)
        near = squared[start:stop]
        for i in range(len(near)):
            x = from_x + np.float32(i)
            along = min(max((x * step_x + from_y * step_y) * inverse, zero), one)
            gap_x, gap_y = x - along * step_x, from_y - along * step_y
            near[i] = min(near[i], gap_x * gap_x + gap_y * gap_y)
    return first_start, max(first_start, last_stop)


@compiled
def holds_pixel_centre(vertices: Vertices, distance: float) -> bool:
    """Whether a polygon, (K, 2) px, still holds the centre of any pixel when shrunk by `distance` > 0, px."""
    left, right, top, bottom = pixel_bounds(vertices, 0.0)
    squared, inside = np.empty(right - left, np.float32), np.empty(right - left + 1, np.uint8)
    inner = np.float32(max(0.0, distance - TIE) ** 2)
    rows = bottom - top
    for step in range(rows):
        row = top + (rows // 2 + step) % rows  # the middle first: most words are thickest there
        mark_inside(vertices, row + 0.5, left, inside)
        squared_distances(vertices, distance + 2.0 * TIE, row + 0.5, left, squared)
        for i in range(right - left):
            if inside[i] and squared[i] >= inner:
                return True
    return False
