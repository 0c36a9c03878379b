"""How many pixels a region covers, its holes filled, and the sum of the map over them."""

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled

EAST, WEST = 0, 4
HEADINGS = np.array([[5, 6, 7], [4, -1, 0], [3, 2, 1]])
"""Number of the neighbour at (dy + 1, dx + 1): clockwise on screen, from 0 in the east."""


@compiled
def sum_regions(
    values: npt.NDArray[np.generic], points: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Walk along each region's border; rows of the map add up between its left and its right side (Green's theorem).

    Where the border's pixel has the outside to its right, all of its row up to it counts; where it has the outside to
    its left, the row before it counts off. Integer maps are summed as they are.

    Args:
        values: (H, W) map of any number type.
        points: (N, 2) column and row of the pixels where the outer borders turn, counter-clockwise on screen, as
            `cv2.findContours` gives them: from one to the next it is straight or diagonal.
        starts: (M + 1,) border m has the points starts[m] to starts[m + 1] - 1.

    Returns:
        Sum of the map over each region, and its number of pixels, (M,) each.
    """
    sums, pixels = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1, np.int64)
    for region in range(len(sums)):
        first, last = starts[region], starts[region + 1]
        left, heading = _leftmost(points, first, last), _heading(points, last - 1, first)
        for index in range(first, last):
            x, y, following = points[index, 0], points[index, 1], index + 1 if index + 1 < last else first
            step_x, step_y = np.sign(points[following, 0] - x), np.sign(points[following, 1] - y)
            onward = _heading(points, index, following)
            for _ in range(max(abs(points[following, 0] - x), abs(points[following, 1] - y), 1)):
                back, heading = heading + 4, onward
                if _is_outside(EAST, back, heading):
                    sums[region] += _row_sum(values, y, left, x + 1)
                    pixels[region] += x + 1 - left
                if _is_outside(WEST, back, heading):
                    sums[region] -= _row_sum(values, y, left, x)
                    pixels[region] -= x - left
                x, y = x + step_x, y + step_y
    return sums, pixels


@compiled
def _leftmost(points: npt.NDArray[np.int32], first: int, last: int) -> int:
    """Least column of points[first:last]."""
    left = points[first, 0]
    for index in range(first + 1, last):
        left = min(left, points[index, 0])
    return int(left)


@compiled
def _heading(points: npt.NDArray[np.int32], here: int, there: int) -> int:
    """Which way it is from one point to another one: 0 to 7, or -1 if they are one."""
    x, y = points[there, 0] - points[here, 0], points[there, 1] - points[here, 1]
    return int(HEADINGS[np.sign(y) + 1, np.sign(x) + 1])


@compiled
def _is_outside(side: int, back: int, heading: int) -> bool:
    """Whether a border's pixel has the outside to a side: between where it goes on to and where it came from.

    The outside lies to the right of who walks along the border. The border of a single pixel goes nowhere.
    """
    return heading < 0 or (side - heading - 1) & 7 < (back - heading - 1) & 7


@compiled
def _row_sum(values: npt.NDArray[np.generic], row: int, start: int, end: int) -> float:
    """Sum of values[row, start:end]."""
    total = 0.0
    for column in range(start, end):
        total += values[row, column]
    return total
