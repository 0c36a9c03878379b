"""Which polygons of an image train, and by how much each is shrunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled
from ocr.geometry.distance_field import Vertices, holds_pixel_centre
from ocr.geometry.measures import area_and_perimeter, crosses_itself
from ocr.geometry.offset import check_shrink_ratio
from ocr.geometry.packed import PackedPolygons, pack_polygons, unpack_polygons
from ocr.geometry.polygons import Polygon, single_lobe

MIN_SIDE_PX = 3.0
"""A polygon whose minimum-area rectangle has a shorter side in the network's input does not train."""

THICK = 1.5
"""A word with r² A / L of this many px surely holds a pixel centre when shrunk: a box is then 3 px high at least."""

UNDECIDED = -1.0
"""Stands for the shrink distance of polygons that need a closer look."""


class ShrunkPolygons(NamedTuple):
    """All that the training maps of one image are made of."""

    polygons: PackedPolygons  # P polygons of three vertices or more, px of the network's input
    distances: npt.NDArray[np.float64]  # (P,) shrink distances, px; 0 where the polygon is masked out


def prepare_polygons(
    polygons: Sequence[Polygon], ignore: Sequence[bool], *, shrink_ratio: float = 0.4
) -> ShrunkPolygons:
    """Decide which polygons train and by how much each is shrunk.

    Ignored polygons are masked out. So are those that are too small (`MIN_SIDE_PX`), enclose no area or cross
    themselves (bow ties; a polygon that only has a small loop trains without it), and those whose shrunk polygon slips
    between the pixel centres, which would teach that their text is background. Polygons of fewer than three vertices
    are left out.

    Args:
        polygons: (K, 2) each, px of the network's input.
        ignore: One flag per polygon; True = is masked out.
        shrink_ratio: r of the shrink distance D = A (1 - r²) / L, in (0, 1).

    Returns:
        The polygons, in the given order.

    Raises:
        ValueError: if there is not one flag per polygon, a polygon is not (K, 2) or not finite, or `shrink_ratio` is
            out of its range.
    """
    check_shrink_ratio(shrink_ratio)
    if shrink_ratio == 1.0:
        raise ValueError("expected a shrink_ratio below 1, got 1.0: there would be no border to learn")
    if len(polygons) != len(ignore):
        raise ValueError(f"expected one ignore flag per polygon, got {len(polygons)} polygons and {len(ignore)} flags")
    _check_vertices(polygons)
    kept = [index for index, polygon in enumerate(polygons) if len(polygon) >= 3]
    packed = pack_polygons([polygons[index] for index in kept])
    flags = np.array([ignore[index] for index in kept], dtype=np.bool_)
    distances = _decide(packed.points, packed.starts, flags, shrink_ratio)
    undecided = np.flatnonzero(distances == UNDECIDED)
    if len(undecided) == 0:
        return ShrunkPolygons(packed, distances)
    pieces = unpack_polygons(packed)
    for index in undecided:
        piece = _trainable_piece(pieces[index])
        distances[index] = 0.0 if piece is None else _trainable_distance(piece, shrink_ratio)
        if piece is not None and distances[index] > 0.0:
            pieces[index] = piece
    return ShrunkPolygons(pack_polygons(pieces), distances)


def _check_vertices(polygons: Sequence[Polygon]) -> None:
    """Raise a ValueError that names the first polygon that is not (K, 2) or not finite."""
    shaped = all(np.ndim(polygon) == 2 and np.shape(polygon)[1] == 2 for polygon in polygons)
    if shaped and (len(polygons) == 0 or np.isfinite(np.concatenate(polygons)).all()):
        return
    for index, polygon in enumerate(polygons):
        if np.ndim(polygon) != 2 or np.shape(polygon)[1] != 2 or not np.isfinite(polygon).all():
            raise ValueError(
                f"expected polygons of finite (K, 2) vertices, got polygon {index}: {np.asarray(polygon)!r}"
            )


@compiled
def _decide(
    vertices: Vertices, starts: npt.NDArray[np.int64], ignore: npt.NDArray[np.bool_], shrink_ratio: float
) -> npt.NDArray[np.float64]:
    """The distances of `ShrunkPolygons`, but `UNDECIDED` for polygons that may be too small or cross themselves."""
    distances = np.zeros(len(ignore))
    for i in range(len(ignore)):
        if not ignore[i]:
            polygon = vertices[starts[i] : starts[i + 1]]
            if _is_surely_wide(polygon) and not crosses_itself(polygon):
                distances[i] = _trainable_distance(polygon, shrink_ratio)
            else:
                distances[i] = UNDECIDED
    return distances


@compiled
def _is_surely_wide(vertices: Vertices) -> bool:
    """Whether the area already says it: a rectangle's short side is at least its area / the polygon's diagonal."""
    area, _ = area_and_perimeter(vertices)
    width, height = np.ptp(vertices[:, 0]), np.ptp(vertices[:, 1])
    return area > 0.0 and area >= MIN_SIDE_PX * np.hypot(width, height)


def _trainable_piece(vertices: Vertices) -> Vertices | None:
    """The simple polygon a word trains with, or None where it is too small, has no area or crosses itself."""
    if crosses_itself(vertices):
        lobe = single_lobe(vertices)
        if lobe is None:
            return None
        vertices = lobe.astype(np.float64)
    if area_and_perimeter(vertices)[0] <= 0.0:
        return None
    sides = cv2.minAreaRect((vertices - vertices[0]).astype(np.float32))[1]
    return vertices if _is_surely_wide(vertices) or min(sides) >= MIN_SIDE_PX else None


@compiled
def _trainable_distance(vertices: Vertices, shrink_ratio: float) -> float:
    """The shrink distance, px, or 0 where the shrunk polygon would not hold the centre of a single pixel."""
    area, perimeter = area_and_perimeter(vertices)
    kept = shrink_ratio * shrink_ratio
    distance = area * (1.0 - kept) / perimeter
    return distance if kept * area / perimeter >= THICK or holds_pixel_centre(vertices, distance) else 0.0
