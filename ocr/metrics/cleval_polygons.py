"""Polygons of one image packed into arrays, the form in which CLEval's steps take them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ocr.geometry.polygons import Polygon

MIN_POINTS = 4
"""CLEval and IoU take no polygon with fewer points (cleval.md, "One image")."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Flags = Sequence[bool] | BoolArray
GeometryArray = npt.NDArray[np.object_]


@dataclass(frozen=True)
class PackedPolygons:
    """N polygons, their vertices one after the other.

    Attributes:
        points: (T, 2) vertices of all polygons as (x, y), px, float64.
        counts: (N,) vertices of each polygon, >= 1.
    """

    points: FloatArray
    counts: IntArray

    def __len__(self) -> int:
        """Number of polygons."""
        return len(self.counts)

    @property
    def starts(self) -> IntArray:
        """(N,) index of each polygon's first vertex in `points`."""
        return np.cumsum(self.counts) - self.counts

    def truncated(self) -> "PackedPolygons":
        """The same polygons with coordinates truncated towards zero, as CLEval measures areas and inclusion."""
        return PackedPolygons(np.trunc(self.points), self.counts)

    def take(self, indices: IntArray) -> "PackedPolygons":
        """The polygons at `indices`, in that order."""
        return PackedPolygons(self.points[self.points_of(indices)], self.counts[indices])

    def points_of(self, indices: IntArray) -> IntArray:
        """Where the vertices of the polygons at `indices` lie in `points`, one polygon after the other."""
        counts = self.counts[indices]
        shift = self.starts[indices] - (np.cumsum(counts) - counts)
        return np.repeat(shift, counts) + np.arange(counts.sum())

    def padded(self) -> FloatArray:
        """(N, K, 2) vertices, K the largest count; shorter polygons repeat their last vertex: edges of no length."""
        step = np.arange(self.counts.max(initial=0))
        return self.points[self.starts[:, None] + np.minimum(step, self.counts[:, None] - 1)]

    def outlines(self) -> GeometryArray:
        """(N,) shapely polygons with the vertices as they are, valid or not."""
        rings = shapely.linearrings(self.points, indices=np.repeat(np.arange(len(self)), self.counts))
        return np.asarray(shapely.polygons(rings), dtype=np.object_)


def repair(outlines: GeometryArray) -> GeometryArray:
    """(N,) valid regions: a self-crossing outline becomes its even-odd region, a collinear one becomes empty."""
    broken = ~shapely.is_valid(outlines)
    regions = outlines.copy()
    regions[broken] = shapely.buffer(shapely.make_valid(outlines[broken]), 0.0)  # the buffer drops lines and points
    return regions


def is_scorable(polygon: npt.ArrayLike) -> bool:
    """Whether a polygon takes part in scoring: those with fewer than four points are skipped.

    Args:
        polygon: (K, 2) vertices, px.

    Raises:
        ValueError: if the array is not (K, 2).
    """
    shape = np.shape(polygon)
    if len(shape) != 2 or shape[1] != 2:
        raise ValueError(
            f"expected a polygon of shape (K, 2), got {shape}; reshape flat x, y lists with reshape(-1, 2)"
        )
    return bool(shape[0] >= MIN_POINTS)


def pack_polygons(polygons: Sequence[Polygon]) -> PackedPolygons:
    """Pack polygons of one image.

    Args:
        polygons: N arrays (K, 2), px, K >= 1.

    Raises:
        ValueError: if a coordinate is not finite.
    """
    if not polygons:
        return PackedPolygons(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
    points: FloatArray = np.concatenate(polygons, dtype=np.float64)
    if not np.isfinite(points).all():
        broken = next(index for index, polygon in enumerate(polygons) if not np.isfinite(polygon).all())
        raise ValueError(
            f"expected finite coordinates, got {np.asarray(polygons[broken]).tolist()} in polygon {broken}"
        )
    return PackedPolygons(points, np.fromiter(map(len, polygons), dtype=np.int64, count=len(polygons)))


def pack_ground_truth(ground_truth: Sequence[Polygon], ignore: Flags) -> tuple[PackedPolygons, BoolArray]:
    """Pack the scorable ground truths of one image, with (N,) their ignore flags.

    Args:
        ground_truth: polygons (K, 2), px; those with fewer than four points are skipped.
        ignore: one flag per ground truth.

    Raises:
        ValueError: if the flags are not one per ground truth, or a polygon is not a finite (K, 2) array.
    """
    if len(ground_truth) != len(ignore):
        raise ValueError(f"expected one ignore flag per ground truth ({len(ground_truth)}), got {len(ignore)}")
    scorable = [is_scorable(polygon) for polygon in ground_truth]
    polygons = [polygon for polygon, keep in zip(ground_truth, scorable, strict=True) if keep]
    return pack_polygons(polygons), np.asarray(ignore, dtype=np.bool_)[scorable]


def cross_product(first: FloatArray, second: FloatArray) -> FloatArray:
    """Third coordinate of first x second for vectors in the last axis, (..., 2) -> (...)."""
    product: FloatArray = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return product


def shoelace_areas(outlines: FloatArray) -> FloatArray:
    """(N,) unsigned areas, px², of closed outlines (N, K, 2); a bow tie of two equal halves has 0."""
    doubled: FloatArray = np.abs(cross_product(outlines, np.roll(outlines, -1, axis=1)).sum(axis=1))
    return doubled / 2


def bounding_boxes(polygons: PackedPolygons) -> FloatArray:
    """(N, 4) boxes as x_min, y_min, x_max, y_max, px."""
    if len(polygons) == 0:
        return np.zeros((0, 4))
    low = np.minimum.reduceat(polygons.points, polygons.starts, axis=0)
    high = np.maximum.reduceat(polygons.points, polygons.starts, axis=0)
    return np.concatenate([low, high], axis=1)


def touching_boxes(first: FloatArray, second: FloatArray) -> BoolArray:
    """(N, M) whether the boxes share a point at least.

    Args:
        first: (N, 4) xyxy, px.
        second: (M, 4) xyxy, px.
    """
    left, top, right, bottom = first[:, :, None].transpose(1, 0, 2)
    touching: BoolArray = (left <= second[:, 2]) & (right >= second[:, 0])
    touching &= (top <= second[:, 3]) & (bottom >= second[:, 1])
    return touching
