"""A cell: what it is made of, its contour and the run of its layers, in pixels of a 512-pixel slice."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, get_args

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
UNIT = 512  # pixels of the slice that measures are given for

CellKind = Literal["cylinder", "prismatic", "pouch"]
CELL_KINDS: tuple[CellKind, ...] = get_args(CellKind)


class Casing(NamedTuple):
    """A wall around the layers."""

    thickness: float
    density: float  # attenuation; copper foil is about 1


class Cell(NamedTuple):
    """One cell; lengths in pixels of a 512-pixel slice, angles in radians."""

    kind: CellKind
    centre: tuple[float, float]  # x, y
    angle: float
    half_width: float  # of the contour; the radius of a cylinder
    half_height: float
    corner: float  # radius of the contour's corners
    casing: Casing
    gap: float  # between casing and layers
    pitch: float  # anode + separator + cathode + separator, with their foils
    core: float  # radius of the hole in a roll
    phase: float  # where a winding begins, in turns
    wave: npt.NDArray[np.float32]  # (6, 6) coarse map of how far the layers are off, in pixels
    tabs: tuple[tuple[float, float], ...]  # (place across the layers from 0 to 1, direction)
    densities: tuple[float, float, float]  # anode, cathode, separator
    levels: npt.NDArray[np.float32]  # (64,) factors by which windings differ, about 1


def draw_cell(rng: np.random.Generator) -> Cell:
    """A cell of random kind and measures, all of them without defect."""
    kind = CELL_KINDS[int(rng.integers(len(CELL_KINDS)))]
    half_width, half_height, corner = _contour(kind, rng)
    tilt = rng.uniform(-math.pi, math.pi) if kind == "cylinder" else rng.normal(0, 0.06)
    return Cell(
        kind=kind,
        centre=(256 + rng.uniform(-14, 14), 256 + rng.uniform(-14, 14)),
        angle=float(tilt),
        half_width=half_width,
        half_height=half_height,
        corner=corner,
        casing=_casing(kind, rng),
        gap=rng.uniform(3, 8),
        pitch=rng.uniform(11, 17),
        core=rng.uniform(14, 26) if kind == "cylinder" else rng.uniform(1, 4),
        phase=rng.uniform(0, 1),
        wave=rng.normal(0, rng.uniform(0.6, 2.0), (6, 6)).astype(np.float32),
        levels=rng.normal(1, 0.03, 64).astype(np.float32),
        tabs=tuple((rng.uniform(0.15, 0.85), rng.uniform(-math.pi, math.pi)) for _ in range(rng.integers(1, 3))),
        densities=(rng.uniform(0.36, 0.46), rng.uniform(0.66, 0.8), rng.uniform(0.2, 0.28)),
    )


def _contour(kind: CellKind, rng: np.random.Generator) -> tuple[float, float, float]:
    """Half width, half height and corner radius."""
    if kind == "cylinder":
        radius = rng.uniform(185, 225)
        return radius, radius, radius
    if kind == "prismatic":
        half_height = rng.uniform(85, 130)
        return rng.uniform(195, 230), half_height, half_height * rng.uniform(0.75, 0.98)
    return rng.uniform(195, 230), rng.uniform(70, 130), rng.uniform(10, 22)


def _casing(kind: CellKind, rng: np.random.Generator) -> Casing:
    """A steel can, an aluminium can, or the foil of a pouch."""
    if kind == "cylinder":
        return Casing(rng.uniform(4, 7), rng.uniform(1.05, 1.25))
    if kind == "prismatic":
        return Casing(rng.uniform(6, 11), rng.uniform(0.55, 0.7))
    return Casing(rng.uniform(2, 3.5), rng.uniform(0.4, 0.6))


def contour_distance(x: Map, y: Map, cell: Cell) -> Map:
    """Distance of (x, y) to the contour, a rectangle with round corners; negative within."""
    beyond_x = np.abs(x) - np.float32(cell.half_width - cell.corner)
    beyond_y = np.abs(y) - np.float32(cell.half_height - cell.corner)
    corner = np.sqrt(np.maximum(beyond_x, 0) ** 2 + np.maximum(beyond_y, 0) ** 2)
    distance = corner + np.minimum(np.maximum(beyond_x, beyond_y), 0) - np.float32(cell.corner)
    return np.asarray(distance, dtype=np.float32)


def layer_frame(x: Map, y: Map, cell: Cell) -> tuple[Map, Map]:
    """Place of (x, y) among the layers.

    Returns:
        Depth across the layers in pixels, from the innermost or lowest; and place along a winding, in turns from 0 to 1
        (0 in a stack).
    """
    if cell.kind == "pouch":
        return y + np.float32(cell.half_height), np.zeros_like(y)
    straight = np.float32(cell.half_width - cell.half_height)
    radius, angle = cv2.cartToPolar(x - np.clip(x, -straight, straight), y)
    turn = angle * np.float32(0.5 / math.pi) + np.float32(cell.phase)
    return np.asarray(radius, dtype=np.float32), np.asarray(turn - np.floor(turn), dtype=np.float32)


def contour_point(cell: Cell, direction: float) -> tuple[float, float]:
    """(x, y) in the slice where the contour is, seen from the cell's middle in a direction in radians."""
    reach = np.arange(UNIT, dtype=np.float32)
    own = direction - cell.angle
    outside = contour_distance(reach * np.float32(math.cos(own)), reach * np.float32(math.sin(own)), cell) > 0
    length = float(reach[int(np.argmax(outside))])
    return cell.centre[0] + length * math.cos(direction), cell.centre[1] + length * math.sin(direction)


def layer_normal(cell: Cell, place: tuple[float, float]) -> float:
    """Direction across the layers at (x, y) of the slice, in radians."""
    if cell.kind == "pouch":
        return cell.angle + math.pi / 2
    x, y = place[0] - cell.centre[0], place[1] - cell.centre[1]
    own_x = math.cos(cell.angle) * x + math.sin(cell.angle) * y
    own_y = math.cos(cell.angle) * y - math.sin(cell.angle) * x
    straight = cell.half_width - cell.half_height
    return math.atan2(own_y, own_x - min(max(own_x, -straight), straight)) + cell.angle
