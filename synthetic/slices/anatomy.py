"""Attenuation of a cell's cross section."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.slices.cells import UNIT, Cell, Map, contour_distance, layer_frame
from synthetic.slices.defects import Bump

_BINS = 1024  # of the layers' profile; the finest foil has about 50
_ELECTROLYTE = 0.13
_FOIL = 1.0  # copper; the aluminium of the cathode's foil hardly shows
_TAB = 1.1
_END = 18  # pixels from a pouch's end to its stack


class Anatomy(NamedTuple):
    """What rays meet. Each map is (S, S) float32."""

    density: Map  # attenuation; air is 0, copper about 1
    layers: Map  # how much of a pixel the layers fill, from 0 to 1


def build_anatomy(cell: Cell, size: int, bump: Bump | None = None) -> Anatomy:
    """Draws a cell.

    Args:
        cell: what to draw.
        size: side S of the slice in pixels.
        bump: displacement of its material, or None.
    """
    scale = np.float32(size / UNIT)
    x, y = _cell_frame(cell, size, bump)
    outside = contour_distance(x, y, cell)
    inside = _covered(outside + np.float32(cell.casing.thickness), scale)
    wall = _covered(outside, scale) - inside
    depth, along = layer_frame(x, y, cell)
    depth = depth + cv2.resize(cell.wave, (size, size), interpolation=cv2.INTER_CUBIC)
    layers = _layer_area(x, outside, depth, cell, scale)
    density = layers * _layer_density(depth / np.float32(cell.pitch) - along, cell, scale)
    density += (inside - layers) * np.float32(_ELECTROLYTE)
    density += wall * np.float32(cell.casing.density)
    for place, direction in cell.tabs:
        if cell.kind == "pouch":
            tab = _stack_tab(x, y, cell, (place - 0.5) * cell.half_height, direction, scale)
        else:
            tab = _roll_tab(depth, along, cell, place, direction) * layers
        density += tab * (np.float32(_TAB) - density)
    return Anatomy(density, layers)


def _cell_frame(cell: Cell, size: int, bump: Bump | None) -> tuple[Map, Map]:
    """Coordinates of every pixel in the undisturbed cell, in pixels of 512, origin in its middle."""
    steps = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(UNIT / size)
    x, y = steps, steps[:, None]
    if bump is not None:
        by_x, by_y = bump.displacement(x, y)
        x, y = x - by_x, y - by_y
    x, y = x - np.float32(cell.centre[0]), y - np.float32(cell.centre[1])
    cosine, sine = np.float32(math.cos(cell.angle)), np.float32(math.sin(cell.angle))
    return cosine * x + sine * y, cosine * y - sine * x


def _covered(distance: Map, scale: np.float32) -> Map:
    """How much of a pixel is where a distance (in pixels of 512) is negative."""
    return np.asarray(np.clip(np.float32(0.5) - distance * scale, 0, 1), dtype=np.float32)


def _layer_area(x: Map, outside: Map, depth: Map, cell: Cell, scale: np.float32) -> Map:
    """How much of each pixel the layers fill."""
    margin = np.float32(cell.casing.thickness + cell.gap)
    if cell.kind == "pouch":
        return _covered(np.maximum(np.abs(x) - np.float32(cell.half_width - _END), outside + margin), scale)
    highest = np.float32(cell.half_height) - margin  # a roll is equally thick all around
    return _covered(np.maximum(np.maximum(outside + margin, np.float32(cell.core) - depth), depth - highest), scale)


def _layer_density(turns: Map, cell: Cell, scale: np.float32) -> Map:
    """Attenuation at a place counted in repeating units; units differ a little."""
    place = (turns * np.float32(_BINS)).astype(np.int32)
    unit = place // _BINS
    density = _profile(cell, float(scale))[place & (_BINS - 1)] * cell.levels[unit & (len(cell.levels) - 1)]
    return np.asarray(density, dtype=np.float32)


def _profile(cell: Cell, scale: float) -> Map:
    """Attenuation across one repeating unit: copper, anode, separator, cathode with its foil, separator, anode."""
    anode, cathode, separator = cell.densities
    parts = ((0.05, _FOIL), (0.22, anode), (0.05, separator), (0.41, cathode), (0.05, separator), (0.22, anode))
    widths = np.round(np.array([width for width, _ in parts]) * _BINS).astype(int)
    widths[-1] += _BINS - widths.sum()
    values = np.repeat([density for _, density in parts], widths)
    pixel = min(max(1, round(_BINS / (cell.pitch * scale))), _BINS)  # bins that a pixel averages
    averaged = np.convolve(np.tile(values, 3), np.ones(pixel) / pixel, "same")
    return np.asarray(averaged[_BINS : 2 * _BINS], dtype=np.float32)


def _roll_tab(depth: Map, along: Map, cell: Cell, place: float, direction: float) -> Map:
    """A metal strip between windings."""
    middle = cell.core + place * (cell.half_height - cell.casing.thickness - cell.gap - cell.core)
    turn = along - np.float32(direction / (2 * math.pi) + 0.5)
    turn -= np.rint(turn)
    reach = np.float32(14 / (2 * math.pi * max(middle, 30)))
    strip = np.clip(2 - np.abs(depth - np.float32(middle)), 0, 1) * (np.abs(turn) < reach)
    return np.asarray(strip, dtype=np.float32)


def _stack_tab(x: Map, y: Map, cell: Cell, height: float, direction: float, scale: np.float32) -> Map:
    """A metal strip from the end of a stack towards the casing, right or left as `direction` is positive or not."""
    end = x if direction > 0 else -x
    beside = np.abs(end - np.float32(cell.half_width - 0.55 * _END)) - np.float32(0.35 * _END)
    return _covered(np.maximum(beside, np.abs(y - np.float32(height)) - np.float32(2.5)), scale)
