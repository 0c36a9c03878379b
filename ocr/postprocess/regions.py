"""Connected regions of a probability map, with their polygons and scores."""

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled, without_numba
from ocr.geometry.packed import PackedPolygons, pick_polygons

ProbabilityMap = npt.NDArray[np.float32] | npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""(H, W) probabilities: float32 in [0, 1], or uint8 / uint16 with 255 / 65535 for 1."""

EAST, WEST = 0, 4
HEADINGS = np.array([[5, 6, 7], [4, -1, 0], [3, 2, 1]])
"""Number of the neighbour at (dy + 1, dx + 1): clockwise on screen, from 0 in the east."""


class Regions(NamedTuple):
    """Connected regions of one binarised map, their holes filled, best score first."""

    contours: PackedPolygons  # outer boundaries through pixel indices: the pixels' centres lie 0.5 px further
    pixels: npt.NDArray[np.int64]  # (M,) how many pixels each covers, holes included
    scores: npt.NDArray[np.float32]  # (M,) mean probability over those pixels, in [0, 1], descending


def full_scale(probability: ProbabilityMap) -> int:
    """The value that stands for probability 1: 1 for float32, 255 for uint8, 65535 for uint16.

    Raises:
        ValueError: if the map is not (H, W) or of another type.
    """
    scales = {"float32": 1, "uint8": 255, "uint16": 65535}
    if probability.ndim != 2 or probability.dtype.name not in scales:
        raise ValueError(
            "expected a probability map of shape (H, W) and type float32, uint8 or uint16, "
            f"got {probability.shape} {probability.dtype}: pass one image's map, without its channel"
        )
    return scales[probability.dtype.name]


def binarise(probability: ProbabilityMap, thresh: float) -> npt.NDArray[np.uint8]:
    """Pixels above `thresh` as 1, uint8 (H, W); integer maps are compared as they are.

    Args:
        probability: (H, W), see `ProbabilityMap`; NaN counts as below.
        thresh: In [0, 1].
    """
    level = thresh * full_scale(probability)
    threshold = np.float32(level) if probability.dtype.kind == "f" else probability.dtype.type(np.floor(level + 1e-6))
    above: npt.NDArray[np.uint8] = (probability > threshold).view(np.uint8)
    return above


def find_regions(probability: ProbabilityMap, thresh: float, box_thresh: float, max_candidates: int) -> Regions:
    """Regions above `thresh` (8-connected) with a score of at least `box_thresh`, best score first.

    A hole is no region, but a region inside another's hole is one. The score is the mean over the region's own pixels
    with its holes filled; the authors of DBNet take it over the minimum-area rectangle or the simplified contour.

    Args:
        probability: (H, W), see `ProbabilityMap`.
        thresh: Pixels above it belong to regions, in [0, 1].
        box_thresh: Regions with a lower score are dropped, in [0, 1]; compared in float32, as scores are returned: the
            regions of a higher one are the first of those of a lower one.
        max_candidates: At most so many regions, the best.

    Returns:
        The regions; equal scores in reading order of their first pixel. None where no pixel is above `thresh`. A NaN in
        a region's hole, or beside it in its bounding box, drops the region.
    """
    scale = full_scale(probability)
    points, starts = _outer_borders(binarise(probability, thresh))
    sums, pixels = sum_regions(np.ascontiguousarray(probability), points, starts)
    scores = (sums / (pixels * scale)).clip(0.0, 1.0).astype(np.float32)
    first_points = points[starts[:-1]]
    order = np.lexsort((first_points[:, 0], first_points[:, 1], -scores))
    best = order[scores[order] >= np.float32(box_thresh)][:max_candidates]
    contours = pick_polygons(PackedPolygons(points.astype(np.float64), starts), best)
    return Regions(contours, pixels[best], scores[best])


def _outer_borders(binary: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Where the regions' outer borders turn, (N, 2) column and row, and the (M + 1,) numbers at which each starts."""
    contours, hierarchy = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) == 0:
        return np.empty((0, 2), np.int32), np.zeros(1, np.int64)
    is_hole = hierarchy.reshape(-1, 4)[:, 3] >= 0
    outer = [contour for contour, hole in zip(contours, is_hole.tolist(), strict=True) if not hole]
    starts = np.zeros(len(outer) + 1, np.int64)
    np.cumsum([len(border) for border in outer], out=starts[1:])
    return np.concatenate(outer).reshape(-1, 2).astype(np.int32, copy=False), starts


def sum_drawn_regions(
    values: npt.NDArray[np.generic], points: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """`sum_regions` by OpenCV: each region is drawn into a mask of its bounding box."""
    sums, pixels = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1, np.int64)
    for region in range(len(sums)):
        border = points[starts[region] : starts[region + 1]]
        left, top, width, height = cv2.boundingRect(border)
        mask = np.zeros((height, width), np.uint8)
        cv2.drawContours(mask, [border], -1, 1, cv2.FILLED, offset=(-left, -top))
        pixels[region] = cv2.countNonZero(mask)
        within: Any = values[top : top + height, left : left + width]  # of a type that OpenCV knows
        sums[region] = cv2.mean(within, mask)[0] * pixels[region]
    return sums, pixels


@without_numba(sum_drawn_regions)
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
