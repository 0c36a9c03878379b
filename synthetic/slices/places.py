"""Where in a cell a defect may be."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.slices.shape import Map


def draw_place(area: Map, rng: np.random.Generator) -> tuple[float, float]:
    """(x, y) in (0, 1) of a random place in the inner part of an area (H, W) of values from 0 to 1."""
    height, width = area.shape
    inner = cv2.erode(area, np.ones((5, 5), np.uint8)) > 0.9
    rows, columns = np.nonzero(inner)
    chosen = int(rng.integers(len(rows)))
    return (float(columns[chosen]) + 0.5) / width, (float(rows[chosen]) + 0.5) / height
