"""Words in the order in which they are read: line by line, from left to right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocr.geometry import Polygon, rotation, transform_polygon
from ocr.geometry.packed import pack_polygons
from ocr.geometry.rectangles import minimum_area_rectangles

LONG = 2.0
"""Words of which one side is this many times the other tell the skew of the lines."""
LEAST_OVERLAP = 0.5
"""Words of one line overlap by this fraction of the lower one's height."""


def reading_order(polygons: Sequence[Polygon]) -> list[int]:
    """The numbers of words in reading order.

    Lines may be skewed together, by up to 45 degrees, and bend: each word is compared with the one before it.

    Args:
        polygons: (K, 2) each, px.
    """
    if not polygons:
        return []
    upright = [transform_polygon(polygon, rotation(-_slant(polygons))) for polygon in polygons]
    spans = np.array([(*polygon.min(axis=0), *polygon.max(axis=0)) for polygon in upright])
    lines: list[list[int]] = []
    for word in np.argsort((spans[:, 0] + spans[:, 2]) / 2, kind="stable").tolist():
        overlaps = [_overlap(spans[line[-1]], spans[word]) for line in lines]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= LEAST_OVERLAP:
            lines[best].append(word)
        else:
            lines.append([word])
    lines.sort(key=lambda line: float(np.mean(spans[line][:, [1, 3]])))
    return [word for line in lines for word in line]


def _slant(polygons: Sequence[Polygon]) -> float:
    """Median angle of the long words, degrees clockwise in [-45, 45]; 0 where there are none."""
    rectangles = minimum_area_rectangles(pack_polygons(polygons))
    along, across = rectangles.size.T
    angles = np.degrees(np.arctan2(rectangles.direction[:, 1], rectangles.direction[:, 0]))
    angles = np.where(along >= across, angles, angles + 90)
    angles = (angles + 90) % 180 - 90
    lying = (np.maximum(along, across) >= LONG * np.minimum(along, across)) & (np.abs(angles) <= 45)
    return float(np.median(angles[lying])) if lying.any() else 0.0


def _overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Common height of two words (left, top, right, bottom) as a fraction of the lower one's."""
    common = min(one[3], other[3]) - max(one[1], other[1])
    return float(common / max(min(one[3] - one[1], other[3] - other[1]), 1e-6))
