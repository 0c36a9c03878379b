"""Displaced material: buckled layers and dents in the casing."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from synthetic.slices.boxes import Box, clip_box
from synthetic.slices.cells import Cell
from synthetic.slices.places import draw_place
from synthetic.slices.shape import UNIT, Map, layer_normal, polygon_point


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
        """One and a half standard deviations around its middle, in pixels of a slice of side `size`."""
        scale, reach = size / UNIT, 1.5 * self.spread
        (x, y) = self.middle
        return clip_box(((x - reach) * scale, (y - reach) * scale, (x + reach) * scale, (y + reach) * scale), size)


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
        return Bump(polygon_point(cell, direction), growth * rng.uniform(20, 34), push)
    x, y = draw_place(places, rng)
    middle, height = (x * UNIT, y * UNIT), growth * rng.uniform(5.5, 9.5)
    across = layer_normal(cell, middle) + rng.normal(0, 0.2)
    push = (height * math.cos(across), height * math.sin(across))
    return Bump(middle, growth * rng.uniform(24, 38), push, growth * rng.uniform(38, 60))
