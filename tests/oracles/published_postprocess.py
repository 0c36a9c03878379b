"""DBNet's post-processing as the paper and its usual implementations have it: one region after the other.

Source:
    Liao et al., AAAI 2020 (arXiv 1911.08947), "Deployment": binarise, take each connected region, drop it where its
    mean probability is low, move its polygon out by D = A r' / L with Clipper (Vatti's algorithm).

`OURS` switches on, one by one, what `ocr.postprocess` does otherwise, each by trial instead of by our formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pyclipper

SUBPIXEL = 1024
SHRINK_RATIO = 0.4
UNCLIP_RATIO = 1.5
Points = npt.NDArray[np.float64]
Quad = tuple[tuple[float, float], tuple[float, float], float]
"""A rectangle as OpenCV has it: centre, width and height, degrees."""


class Departures(NamedTuple):
    """What may be done otherwise than published."""

    exact_unclip: bool = False  # move out by the distance whose shrink gives the region back
    half_pixel: bool = False  # move out by up to half a pixel before, until the polygon covers as much as the region
    mitred: bool = False  # corners stay corners
    epsilon: float | None = None  # px of Douglas and Peucker's simplification; 0.002 of the perimeter if None
    rectangle_fill: float = math.inf  # regions that fill this fraction of their rectangle are it, also as polygons


PUBLISHED = Departures()
OURS = Departures(exact_unclip=True, half_pixel=True, mitred=True, epsilon=1.0, rectangle_fill=0.8)


class Found(NamedTuple):
    """One region."""

    polygon: Points  # (K, 2), px
    score: float


def published_postprocess(
    probability: npt.NDArray[np.generic],
    mode: str,
    departures: Departures = PUBLISHED,
    *,
    thresh: float = 0.3,
    box_thresh: float = 0.4,
    min_size: float = 2.0,
) -> list[Found]:
    """Polygons and scores, in the order of the contours.

    Args:
        probability: (H, W) float32 in [0, 1], or uint8 / uint16 with 255 / 65535 for 1.
        mode: "quad" or "polygon".
        departures: from what is published.
        thresh: of the probability.
        box_thresh: of the score.
        min_size: of the polygon's rectangle, px.
    """
    scale = np.iinfo(probability.dtype).max if probability.dtype.kind == "u" else 1
    binary = (probability > np.float32(thresh * scale)).astype(np.uint8)
    contours, hierarchy = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    height, width = probability.shape
    found = []
    for contour, (_, _, _, parent) in zip(contours, hierarchy[0] if len(contours) else (), strict=True):
        if parent >= 0:  # a hole
            continue
        score, pixels = score_region(probability, contour)
        if score / scale < box_thresh:
            continue
        rectangle = cv2.minAreaRect(contour)
        if mode == "quad" or pixels >= departures.rectangle_fill * (rectangle[1][0] + 0.5) * (rectangle[1][1] + 0.5):
            polygon = polygon_quad(rectangle, pixels, departures)
        else:
            polygon = polygon_polygon(contour, pixels, departures)
        if polygon is None or min(cv2.minAreaRect(polygon.astype(np.float32))[1]) < min_size:
            continue
        found.append(Found(polygon.clip(0, (width, height)), score / scale))
    return found


def score_region(probability: npt.NDArray[np.generic], contour: npt.NDArray[np.int32]) -> tuple[float, int]:
    """Mean, in float64, over the pixels on and inside a contour, and how many there are."""
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (left, top)], 1)
    return cv2.mean(probability[top : top + height, left : left + width], mask)[0], cv2.countNonZero(mask)


def polygon_quad(rectangle: Quad, pixels: int, departures: Departures) -> Points | None:
    """A region's rectangle, moved out."""
    center, (width, height), degrees = rectangle
    if departures.half_pixel:
        gap = bisect(lambda gap: (width + 2 * gap) * (height + 2 * gap) - pixels, 0.5)
        width, height = width + 2 * gap, height + 2 * gap
        center = (center[0] + 0.5, center[1] + 0.5)
    corners = cv2.boxPoints((center, (width, height), degrees)).astype(np.float64)
    moved = offset(corners, unclip_distance(corners, departures), departures)
    return None if moved is None else cv2.boxPoints(cv2.minAreaRect(moved.astype(np.float32))).astype(np.float64)


def polygon_polygon(contour: npt.NDArray[np.int32], pixels: int, departures: Departures) -> Points | None:
    """A region's simplified contour, moved out."""
    epsilon = 0.002 * cv2.arcLength(contour, True) if departures.epsilon is None else departures.epsilon
    polygon: Points | None = cv2.approxPolyDP(contour, epsilon, True).reshape(-1, 2).astype(np.float64)
    if departures.half_pixel:
        simplified = polygon + 0.5
        gap = bisect(lambda gap: area_and_perimeter(offset(simplified, gap, departures))[0] - pixels, 0.5)
        polygon = offset(simplified, gap, departures)
    if polygon is None or len(polygon) < 4 - departures.mitred:
        return None
    return offset(polygon, unclip_distance(polygon, departures), departures)


def unclip_distance(polygon: Points, departures: Departures) -> float:
    """The published distance, or the one whose polygon has just this shrink distance."""
    if not departures.exact_unclip:
        area, perimeter = area_and_perimeter(polygon)
        return area * UNCLIP_RATIO / perimeter

    def excess(distance: float) -> float:
        area, perimeter = area_and_perimeter(offset(polygon, distance, departures))
        return distance - area * (1 - SHRINK_RATIO**2) / perimeter

    return bisect(excess, 200.0)


def offset(polygon: Points, distance: float, departures: Departures) -> Points | None:
    """The largest piece of a polygon that Clipper moved out; None where there is none."""
    clipper = pyclipper.PyclipperOffset(2.0, 0.25 * SUBPIXEL)
    join = pyclipper.JT_MITER if departures.mitred else pyclipper.JT_ROUND
    clipper.AddPath(np.rint(polygon * SUBPIXEL).astype(np.int64).tolist(), join, pyclipper.ET_CLOSEDPOLYGON)
    pieces = [np.array(path) / SUBPIXEL for path in clipper.Execute(distance * SUBPIXEL)]
    return max(pieces, key=lambda piece: area_and_perimeter(piece)[0], default=None)


def area_and_perimeter(polygon: Points | None) -> tuple[float, float]:
    """Area, px², and length, px; nothing has an area of 0."""
    if polygon is None:
        return 0.0, 1.0
    vertices = polygon.astype(np.float32)
    return cv2.contourArea(vertices), cv2.arcLength(vertices, True)


def bisect(rising: Callable[[float], float], most: float) -> float:
    """Where a rising function crosses 0, in [0, most]; an end where it does not."""
    low, high = 0.0, most
    if rising(high) <= 0:
        return high
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) <= 0 else (low, middle)
    return low
