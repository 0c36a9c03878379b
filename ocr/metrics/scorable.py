"""Which polygons of an image are scored: checked, and packed as the metrics' compiled loops take them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocr.geometry.packed import IntArray, PackedPolygons, pack_polygons
from ocr.geometry.polygons import Polygon

MIN_POINTS = 4
"""Neither metric takes a polygon with fewer points."""

Flags = Sequence[bool] | npt.NDArray[np.bool_]


def pack_scorable(polygons: Sequence[Polygon]) -> PackedPolygons:
    """Pack those polygons that have at least four points.

    Args:
        polygons: arrays (K, 2), px.

    Raises:
        ValueError: if a polygon is not a finite (K, 2) array.
    """
    return _pack([polygon for polygon in polygons if _is_scorable(polygon)])


def pack_ground_truth(ground_truth: Sequence[Polygon], ignore: Flags) -> tuple[PackedPolygons, npt.NDArray[np.bool_]]:
    """Pack those ground truths that have at least four points, with (N,) their ignore flags.

    Args:
        ground_truth: polygons (K, 2), px.
        ignore: one flag per ground truth.

    Raises:
        ValueError: if the flags are not one per ground truth, or a polygon is not a finite (K, 2) array.
    """
    if len(ground_truth) != len(ignore):
        raise ValueError(f"expected one ignore flag per ground truth ({len(ground_truth)}), got {len(ignore)}")
    scorable = [_is_scorable(polygon) for polygon in ground_truth]
    polygons = [polygon for polygon, keep in zip(ground_truth, scorable, strict=True) if keep]
    return _pack(polygons), np.asarray(ignore, dtype=np.bool_)[scorable]


def scorable_numbers(polygons: Sequence[Polygon]) -> IntArray:
    """Numbers of those polygons that are packed, in order."""
    return np.flatnonzero([_is_scorable(polygon) for polygon in polygons])


def _is_scorable(polygon: Polygon) -> bool:
    """Whether a polygon has points enough."""
    shape = np.shape(polygon)
    if len(shape) != 2 or shape[1] != 2:
        raise ValueError(
            f"expected a polygon of shape (K, 2), got {shape}; reshape flat x, y lists with reshape(-1, 2)"
        )
    return bool(shape[0] >= MIN_POINTS)


def _pack(polygons: Sequence[Polygon]) -> PackedPolygons:
    packed = pack_polygons(polygons)
    if not np.isfinite(packed.points).all():
        broken = next(index for index, polygon in enumerate(polygons) if not np.isfinite(polygon).all())
        raise ValueError(
            f"expected finite coordinates, got {np.asarray(polygons[broken]).tolist()} in polygon {broken}"
        )
    return packed
