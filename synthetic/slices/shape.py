"""Shape of a cell: its polygon and the run of its layers, in its own frame and pixels of a 512-pixel slice."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.slices.cells import Cell

Map = npt.NDArray[np.float32]
UNIT = 512  # pixels of the slice that measures are given for


def polygon_distance(x: Map, y: Map, cell: Cell) -> Map:
    """Distance of (x, y) to the polygon, a rectangle with round corners; negative within."""
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


def polygon_point(cell: Cell, direction: float) -> tuple[float, float]:
    """(x, y) in the slice where the polygon is, seen from the cell's middle in a direction in radians."""
    reach = np.arange(UNIT, dtype=np.float32)
    own = direction - cell.angle
    outside = polygon_distance(reach * np.float32(math.cos(own)), reach * np.float32(math.sin(own)), cell) > 0
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
