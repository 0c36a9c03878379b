"""Defects that add or remove material: cracks and inclusions."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.slices.places import draw_place
from synthetic.slices.shape import UNIT, Map

Point = tuple[float, float]
_SUBPIXEL_BITS = 4


def draw_crack(area: Map, places: Map, rng: np.random.Generator, growth: float = 1.0) -> Map:
    """A thin line with branches that starts among the layers.

    Args:
        area: (S, S) where the layers are, from 0 to 1; the crack stays within it.
        places: (P, P) the same at any resolution.
        rng: course and width.
        growth: draws it so many times as large.

    Returns:
        (S, S) how much of each pixel is cracked, from 0 to 1.
    """
    size = len(area)
    scale = size / UNIT * growth
    x, y = draw_place(places, rng)
    steps = int(rng.integers(7, 14))
    trunk = _walk((x * size, y * size), rng.uniform(-math.pi, math.pi), steps, 11 * scale, rng)
    lines = [trunk]
    for joint in rng.integers(1, steps - 1, int(rng.integers(1, 4))).tolist():
        (from_x, from_y), (to_x, to_y) = trunk[joint : joint + 2]
        turn = rng.choice([-1, 1]) * rng.uniform(0.4, 1.1)
        heading = math.atan2(to_y - from_y, to_x - from_x) + turn
        lines.append(_walk(trunk[joint], heading, int(rng.integers(2, 5)), 10 * scale, rng))
    mask = np.zeros(area.shape, np.uint8)
    thickness = max(1, round(2 * scale))
    cv2.polylines(mask, [_fixed(line) for line in lines], False, 255, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
    soft = _softened(mask, rng.uniform(0.5, 1.0) * (size / UNIT))
    return np.asarray(np.minimum(soft * np.float32(1.5), 1) * area, dtype=np.float32)


def draw_inclusion(size: int, places: Map, rng: np.random.Generator, growth: float = 1.0) -> Map:
    """An uneven particle among the layers.

    Args:
        size: side S of the slice in pixels.
        places: (P, P) where the layers are, from 0 to 1, at any resolution.
        rng: place and shape.
        growth: draws it so many times as large.

    Returns:
        (S, S) how much of each pixel it fills, from 0 to 1.
    """
    scale = size / UNIT
    x, y = draw_place(places, rng)
    angles = np.linspace(0, 2 * math.pi, 9)[:-1]
    reach = rng.uniform(3.5, 7.5) * growth * scale * rng.uniform(0.65, 1.3, len(angles))
    stretch = rng.uniform(0.7, 1.4)
    corners = zip(x * size + reach * np.cos(angles) * stretch, y * size + reach * np.sin(angles) / stretch, strict=True)
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [_fixed(list(corners))], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
    return _softened(mask, 0.6 * scale)


def _walk(start: Point, heading: float, steps: int, stride: float, rng: np.random.Generator) -> list[Point]:
    """Points of a line that wanders about its heading."""
    points = [start]
    for turn, length in zip(rng.normal(0, 0.45, steps), rng.uniform(0.7, 1.3, steps), strict=True):
        x, y = points[-1]
        points.append((x + stride * length * math.cos(heading + turn), y + stride * length * math.sin(heading + turn)))
    return points


def _fixed(points: list[Point]) -> npt.NDArray[np.int32]:
    """(K, 2) points as OpenCV draws them at fractions of a pixel."""
    return np.asarray(np.rint(np.array(points) * 2**_SUBPIXEL_BITS), dtype=np.int32)


def _softened(mask: npt.NDArray[np.uint8], blur: float) -> Map:
    """A mask from 0 to 1 without hard edges."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(blur, 0.3)), dtype=np.float32)
