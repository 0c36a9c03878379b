"""Where a defect is in a slice."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.slices.shape import Map


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


def clip_box(edges: tuple[float, float, float, float], size: int) -> Box:
    """Left, top, right and bottom as whole pixels within a slice of side `size`."""
    left, top = (min(max(math.floor(edge), 0), size - 1) for edge in edges[:2])
    right, bottom = (min(max(math.ceil(edge), 1), size) for edge in edges[2:])
    return Box(left, top, right, bottom)
