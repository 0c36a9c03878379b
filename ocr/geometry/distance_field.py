"""The signed distance from pixel centres to a polygon's outline, painted as training labels."""

import math

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled

Vertices = npt.NDArray[np.float64]
Map = npt.NDArray[np.uint8]
TIE = 1e-4
"""A pixel centre this close (px) to the edge of a shrunk or dilated region lies in it."""


@compiled
def area_and_perimeter(vertices: Vertices) -> tuple[float, float]:
    """Unsigned shoelace area (px²) and outline length (px) of (K, 2) vertices."""
    doubled, perimeter = 0.0, 0.0
    for first in range(len(vertices)):
        second = (first + 1) % len(vertices)
        x, y = vertices[first, 0] - vertices[0, 0], vertices[first, 1] - vertices[0, 1]
        step_x, step_y = vertices[second, 0] - vertices[first, 0], vertices[second, 1] - vertices[first, 1]
        doubled += x * step_y - y * step_x
        perimeter += math.sqrt(step_x * step_x + step_y * step_y)
    return abs(doubled) / 2.0, perimeter


@compiled
def _side(a: Vertices, b: Vertices, c: Vertices) -> float:
    """Twice the signed area of the triangle a, b, c."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


@compiled
def crosses_itself(vertices: Vertices) -> bool:
    """Whether two edges of (K, 2) vertices cross in their interiors, as in a bow tie; touching is not crossing."""
    count = len(vertices)
    for i in range(count):
        a, b = vertices[i], vertices[(i + 1) % count]
        for j in range(i + 2, count):
            c, d = vertices[j], vertices[(j + 1) % count]
            if _side(a, b, c) * _side(a, b, d) < 0.0 and _side(c, d, a) * _side(c, d, b) < 0.0:
                return True
    return False


@compiled
def _mark_crossings(vertices: Vertices, y: float, column_start: int, flips: Map) -> None:
    """Set flips[c] where a row at height y goes in or out before the centre of column column_start + c."""
    count, last = len(vertices), len(flips) - 1
    flips[:] = 0
    for first in range(count):
        second = (first + 1) % count
        y_first, y_second = vertices[first, 1], vertices[second, 1]
        if (y_first <= y) != (y_second <= y):
            x_first, x_second = vertices[first, 0], vertices[second, 0]
            x = x_first + (y - y_first) / (y_second - y_first) * (x_second - x_first)
            column = math.ceil(x - 0.5) - column_start
            flips[min(max(column, 0), last)] ^= 1


@compiled
def _squared_distances(
    vertices: Vertices,
    reach: float,
    y: float,
    column_start: int,
    xs: npt.NDArray[np.float32],
    squared: npt.NDArray[np.float32],
) -> None:
    """Squared distance (px²) from one row's pixel centres to the outline, as far as `reach`; beyond it, 4 reach²."""
    count, columns = len(vertices), len(xs)
    zero, one = np.float32(0.0), np.float32(1.0)
    squared[:] = np.float32(4.0 * reach * reach)
    for first in range(count):
        second = (first + 1) % count
        ax, ay, bx, by = vertices[first, 0], vertices[first, 1], vertices[second, 0], vertices[second, 1]
        if y < min(ay, by) - reach or y > max(ay, by) + reach:
            continue
        start = max(0, math.floor(min(ax, bx) - reach - 0.5) - column_start)
        stop = min(columns, math.ceil(max(ax, bx) + reach + 0.5) - column_start)
        step_x, step_y = np.float32(bx - ax), np.float32(by - ay)
        length = step_x * step_x + step_y * step_y
        inverse = one / length if length > zero else zero
        from_x, from_y = np.float32(ax - column_start), np.float32(y - ay)
        for i in range(start, stop):
            x = xs[i] - from_x
            along = min(max((x * step_x + from_y * step_y) * inverse, zero), one)
            gap_x, gap_y = x - along * step_x, from_y - along * step_y
            squared[i] = min(squared[i], gap_x * gap_x + gap_y * gap_y)


@compiled
def holds_pixel_centre(vertices: Vertices, distance: float) -> bool:
    """Whether a polygon, (K, 2) px, still holds the centre of any pixel when shrunk by `distance` > 0, px."""
    left, right = math.floor(vertices[:, 0].min() - 0.5), math.ceil(vertices[:, 0].max() + 0.5)
    top, bottom = math.floor(vertices[:, 1].min() - 0.5), math.ceil(vertices[:, 1].max() + 0.5)
    xs = (np.arange(right - left) + 0.5).astype(np.float32)
    squared, flips = np.empty(right - left, np.float32), np.empty(right - left + 1, np.uint8)
    inner = np.float32(max(0.0, distance - TIE) ** 2)
    for row in range(top, bottom):
        _mark_crossings(vertices, row + 0.5, left, flips)
        _squared_distances(vertices, distance + 2.0 * TIE, row + 0.5, left, xs, squared)
        within = np.uint8(0)
        for i in range(right - left):
            within ^= flips[i]
            if within and squared[i] >= inner:
                return True
    return False


@compiled
def paint_label(
    vertices: Vertices,
    distance: float,
    low: float,
    high: float,
    probability: Map,
    threshold: Map,
    threshold_mask: Map,
    inside: Map,
) -> None:
    """Paint one polygon into the (H, W) maps, keeping the larger value where another one is already there.

    Args:
        vertices: (K, 2) outline, px; parts outside the maps are left out.
        distance: Shrink distance D > 0, px.
        low: Threshold label at distance D from the outline, in [0, 255].
        high: Threshold label on the outline, in [0, 255].
        probability: Becomes 1 in the shrunk polygon.
        threshold: Becomes the threshold label in the dilated polygon.
        threshold_mask: Becomes 1 in the dilated polygon.
        inside: Becomes 1 in the polygon itself.
    """
    height, width = probability.shape
    reach = distance + 2.0 * TIE
    left = max(0, math.floor(vertices[:, 0].min() - reach - 0.5))
    right = min(width, math.ceil(vertices[:, 0].max() + reach + 0.5))
    top = max(0, math.floor(vertices[:, 1].min() - reach - 0.5))
    bottom = min(height, math.ceil(vertices[:, 1].max() + reach + 0.5))
    if right <= left or bottom <= top:
        return
    xs = (np.arange(right - left) + 0.5).astype(np.float32)
    squared, flips = np.empty(right - left, np.float32), np.empty(right - left + 1, np.uint8)
    outer = np.float32((distance + TIE) ** 2)
    inner = np.float32(max(0.0, distance - TIE) ** 2)
    scale = np.float32((high - low) / distance)
    least, most = np.float32(low + 0.5), np.float32(high + 0.5)
    for row in range(top, bottom):
        _mark_crossings(vertices, row + 0.5, left, flips)
        _squared_distances(vertices, reach, row + 0.5, left, xs, squared)
        within = np.uint8(0)
        for i in range(right - left):
            within ^= flips[i]
            if within == 0 and squared[i] > outer:
                continue
            column = left + i
            label = np.uint8(max(most - scale * np.sqrt(squared[i]), least))
            threshold[row, column] = max(threshold[row, column], label)
            threshold_mask[row, column] = 1
            if within:
                inside[row, column] = 1
                if squared[i] >= inner:
                    probability[row, column] = 1


@compiled
def erase_inside(vertices: Vertices, kept: Map, mask: Map) -> None:
    """Set an (H, W) mask to 0 on the pixel centres inside a polygon (even-odd), except where `kept` is set."""
    height, width = mask.shape
    left = max(0, math.floor(vertices[:, 0].min() - 0.5))
    right = min(width, math.ceil(vertices[:, 0].max() + 0.5))
    top = max(0, math.floor(vertices[:, 1].min() - 0.5))
    bottom = min(height, math.ceil(vertices[:, 1].max() + 0.5))
    if right <= left or bottom <= top:
        return
    flips = np.empty(right - left + 1, np.uint8)
    for row in range(top, bottom):
        _mark_crossings(vertices, row + 0.5, left, flips)
        within = np.uint8(0)
        for i in range(right - left):
            within ^= flips[i]
            if within and not kept[row, left + i]:
                mask[row, left + i] = 0
