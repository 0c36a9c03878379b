"""DBNet's label generation in plain NumPy and float64: polygon by polygon, edge by edge, over the dilated box.

Liao et al., AAAI 2020 (arXiv 1911.08947), "Label generation". Regions and distances are those of pixel centres.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SHRINK_RATIO = 0.4
LEAST, MOST = 0.3, 0.7


class PublishedMaps(NamedTuple):
    """(H, W) float64 each."""

    probability: Floats
    probability_mask: Floats
    threshold: Floats
    threshold_mask: Floats


def published_maps(polygons: Sequence[npt.ArrayLike], ignore: Sequence[bool], height: int, width: int) -> PublishedMaps:
    """Maps of simple polygons, (K, 2) px; masked out are the ignored ones, except where a readable one is, too."""
    maps = PublishedMaps(*(np.full((height, width), value) for value in (0.0, 1.0, LEAST, 0.0)))
    readable = np.zeros((height, width), bool)
    for polygon, ignored in zip(polygons, ignore, strict=True):
        vertices = np.asarray(polygon, np.float64)
        reach = shrink_distance(vertices)
        rows, columns = _box(vertices, reach, height, width)
        x, y = np.meshgrid(np.arange(columns.start, columns.stop) + 0.5, np.arange(rows.start, rows.stop) + 0.5)
        inside = _inside(vertices, x, y)
        if ignored:
            maps.probability_mask[rows, columns][inside] = 0.0
            continue
        distance = _distance(vertices, x, y)
        dilated = inside | (distance <= reach)
        label = LEAST + (MOST - LEAST) * (1.0 - np.clip(distance / reach, 0.0, 1.0))
        readable[rows, columns] |= inside
        maps.probability[rows, columns][inside & (distance >= reach)] = 1.0
        maps.threshold[rows, columns] = np.maximum(maps.threshold[rows, columns], np.where(dilated, label, LEAST))
        maps.threshold_mask[rows, columns][dilated] = 1.0
    maps.probability_mask[readable] = 1.0
    return maps


def shrink_distance(vertices: Floats) -> float:
    """D = A (1 - r²) / L, px."""
    x, y = vertices.T
    area = 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    perimeter = np.linalg.norm(vertices - np.roll(vertices, -1, axis=0), axis=1).sum()
    return float(area * (1.0 - SHRINK_RATIO**2) / perimeter)


def _box(vertices: Floats, reach: float, height: int, width: int) -> tuple[slice, slice]:
    left, top = np.floor(vertices.min(axis=0) - reach).astype(int)
    right, bottom = np.ceil(vertices.max(axis=0) + reach).astype(int)
    rows = slice(min(max(top, 0), height), max(min(bottom, height), 0))
    return rows, slice(min(max(left, 0), width), max(min(right, width), 0))


def _edges(vertices: Floats) -> Iterator[tuple[Floats, Floats]]:
    return zip(vertices, np.roll(vertices, -1, axis=0), strict=True)


def _inside(vertices: Floats, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Even-odd rule: how many edges does a ray to the right cross?"""
    inside = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in _edges(vertices):
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return inside


def _distance(vertices: Floats, x: Floats, y: Floats) -> Floats:
    """Distance to the nearest edge: all of them first, then the least."""
    distances = np.empty((len(vertices), *x.shape))
    for row, (a, b) in zip(distances, _edges(vertices), strict=True):
        step = b - a
        along = np.clip(((x - a[0]) * step[0] + (y - a[1]) * step[1]) / max(step @ step, 1e-12), 0.0, 1.0)
        row[:] = np.hypot(x - a[0] - along * step[0], y - a[1] - along * step[1])
    nearest: Floats = distances.min(axis=0)
    return nearest
