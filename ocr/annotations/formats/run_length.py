"""COCO's run-length masks: runs down the columns, of zeros and ones in turn, and the polygons around their pixels."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from baseline_code.images.reading import MAX_PIXELS
from ocr.annotations.formats.coordinates import numbers
from ocr.geometry.packed import FloatArray
from ocr.geometry.polygons import order_clockwise

TOLERANCE = 0.75  # px: the steps of a slanted edge become one line


def mask_polygons(encoded: Mapping[str, object]) -> tuple[list[FloatArray], int]:
    """The outer edges of a mask: its pixels reach from their number to the next.

    Args:
        encoded: `size`, [height, width], and `counts`, a list or COCO's text.

    Returns:
        (K, 2) px for each connected part, and the number of holes, which are filled.

    Raises:
        ValueError: if the runs do not fill the mask.
    """
    height, width = (int(side) for side in numbers(encoded["size"], 2))
    if height * width > MAX_PIXELS or min(height, width) < 1:
        raise ValueError(f"expected a mask of at most {MAX_PIXELS} pixels, got {height} x {width}")
    counts = encoded["counts"]
    runs = decode_counts(counts) if isinstance(counts, str) else [int(count) for count in numbers(counts)]
    if min(runs, default=0) < 0 or sum(runs) != height * width:
        raise ValueError(f"expected runs of {height * width} pixels in all, got {sum(runs)}")
    values = np.arange(len(runs)) % 2 == 1
    mask = np.repeat(values, runs).reshape(width, height)
    parts = shapely.get_parts(shapely.union_all(_column_boxes(mask)))
    polygons = [_polygon_around(part) for part in parts if part.geom_type == "Polygon"]
    return polygons, sum(len(part.interiors) for part in parts)


def decode_counts(text: str) -> list[int]:
    """The runs that a compressed text holds: six bits a character, each run from the third as a difference.

    Raises:
        ValueError: if a character is none of these.
    """
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64:
            raise ValueError(f"expected compressed runs, got the character {character!r}")
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            if bits & 0x10:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs


def _column_boxes(mask: npt.NDArray[np.bool_]) -> list[shapely.Polygon]:
    """A box for each run of each column of a (W, H) mask."""
    boxes = []
    for x in np.flatnonzero(mask.any(axis=1)):
        steps = np.flatnonzero(np.diff(np.concatenate([[False], mask[x], [False]]).astype(np.int8)))
        boxes += [shapely.box(x, top, x + 1, bottom) for top, bottom in list(pairwise(steps))[::2]]
    return boxes


def _polygon_around(part: shapely.Polygon) -> FloatArray:
    simplified = shapely.simplify(shapely.normalize(shapely.Polygon(part.exterior)), TOLERANCE)
    corners = np.asarray(simplified.exterior.coords, dtype=np.float32)[:-1]
    return order_clockwise(corners).astype(np.float64)
