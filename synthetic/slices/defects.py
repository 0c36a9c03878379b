"""Defects: cracks, inclusions and displaced material, and where in a slice they are."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.slices.cells import UNIT, Cell, Map, contour_point, layer_normal

Point = tuple[float, float]
_SUBPIXEL_BITS = 4


class Box(NamedTuple):
    """In pixels; the right and lower edge do not belong to it."""

    left: int
    top: int
    right: int
    bottom: int


def mask_box(mask: Map) -> Box:
    """The box of what is above a tenth in a mask; an empty one where nothing is."""
    left, top, width, height = cv2.boundingRect((mask > 0.1).astype(np.uint8))
    return Box(left, top, left + width, top + height)


class Bump(NamedTuple):
    """A local displacement, strongest in its middle; in pixels of a 512-pixel slice."""

    middle: tuple[float, float]
    spread: float  # standard deviation of the bell
    push: tuple[float, float]  # displacement in the middle
    wavelength: float = math.inf  # of the ripples along the layers; without end: a plain dent

    def displacement(self, x: Map, y: Map) -> tuple[Map, Map]:
        """How far the material at (x, y) has moved in x and y."""
        from_x, from_y = x - np.float32(self.middle[0]), y - np.float32(self.middle[1])
        bell = np.exp((from_x**2 + from_y**2) * np.float32(-0.5 / self.spread**2))
        if math.isfinite(self.wavelength):
            turns = 2 * math.pi / (math.hypot(*self.push) * self.wavelength)
            bell *= np.cos(from_x * np.float32(self.push[1] * turns) - from_y * np.float32(self.push[0] * turns))
        return bell * np.float32(self.push[0]), bell * np.float32(self.push[1])

    def box(self, size: int) -> Box:
        """One and a half standard deviations around its middle, in whole pixels within a slice of side `size`."""
        scale, reach = size / UNIT, 1.5 * self.spread
        left, top = (min(max(math.floor((place - reach) * scale), 0), size - 1) for place in self.middle)
        right, bottom = (min(max(math.ceil((place + reach) * scale), 1), size) for place in self.middle)
        return Box(left, top, right, bottom)


def draw_bump(cell: Cell, places: Map, rng: np.random.Generator, growth: float = 1.0) -> Bump:
    """Buckled layers, or a dent in the casing and the layers behind it.

    Args:
        cell: which cell.
        places: (P, P) where its layers are, from 0 to 1, at any resolution.
        rng: which of both, where and how much.
        growth: draws it so many times as large.
    """
    if rng.random() < 0.5:
        direction, depth = rng.uniform(-math.pi, math.pi), growth * rng.uniform(8, 15)
        push = (-depth * math.cos(direction), -depth * math.sin(direction))
        return Bump(contour_point(cell, direction), growth * rng.uniform(20, 34), push)
    x, y = draw_place(places, rng)
    middle, height = (x * UNIT, y * UNIT), growth * rng.uniform(5.5, 9.5)
    across = layer_normal(cell, middle) + rng.normal(0, 0.2)
    push = (height * math.cos(across), height * math.sin(across))
    return Bump(middle, growth * rng.uniform(24, 38), push, growth * rng.uniform(38, 60))


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


def draw_place(area: Map, rng: np.random.Generator) -> tuple[float, float]:
    """(x, y) in (0, 1) of a random place in the inner part of an area (H, W) of values from 0 to 1."""
    height, width = area.shape
    inner = cv2.erode(area, np.ones((5, 5), np.uint8)) > 0.9
    rows, columns = np.nonzero(inner)
    chosen = int(rng.integers(len(rows)))
    return (float(columns[chosen]) + 0.5) / width, (float(rows[chosen]) + 0.5) / height
