"""Many polygons of different lengths in two arrays, as compiled loops read them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class PackedPolygons(NamedTuple):
    """M polygons, one after the other."""

    points: FloatArray  # (N, 2) vertices as (x, y), px
    starts: IntArray  # (M + 1,) polygon m has the vertices starts[m] to starts[m + 1] - 1


def pack_polygons(polygons: Sequence[npt.NDArray[np.number]]) -> PackedPolygons:
    """Copy polygons into two arrays.

    Args:
        polygons: (K, 2) each; none at all is allowed, so is a K of 0.
    """
    starts = np.zeros(len(polygons) + 1, np.int64)
    np.cumsum([len(polygon) for polygon in polygons], out=starts[1:])
    points = np.concatenate(polygons).astype(np.float64) if polygons else np.empty((0, 2))
    return PackedPolygons(points, starts)


def unpack_polygons(packed: PackedPolygons) -> list[FloatArray]:
    """Views of the polygons, (K, 2) each."""
    bounds = packed.starts.tolist()
    return [packed.points[start:end] for start, end in pairwise(bounds)]


def pick_polygons(packed: PackedPolygons, indices: IntArray) -> PackedPolygons:
    """The polygons with these numbers, in this order.

    Args:
        packed: M polygons.
        indices: any of 0 to M - 1.
    """
    counts = np.diff(packed.starts)[indices]
    starts = np.zeros(len(indices) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    moved = np.repeat(packed.starts[indices] - starts[:-1], counts) + np.arange(starts[-1])
    return PackedPolygons(packed.points.take(moved, axis=0), starts)
