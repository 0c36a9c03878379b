"""The shrunk of a batch in flat tensors, with every count that drawing them on a device needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ocr.geometry.distance_field import TIE
from ocr.geometry.packed import PackedPolygons, pack_polygons, pick_polygons, unpack_polygons
from ocr.label_maps.shrinking import ShrunkPolygons

Integers: TypeAlias = npt.NDArray[np.int64]
Bounds: TypeAlias = tuple[Integers, Integers, Integers, Integers]
"""Left, top, right, bottom: columns [left, right) and rows [top, bottom)."""

PIXELS_AT_ONCE = 1 << 21
"""Pixels of a chunk, which need about 200 bytes each; a polygon with more of them is a chunk of its own."""


@dataclass(frozen=True)
class PolygonChunk:
    """P shrunk with E edges in all, which are drawn at once into the upright boxes around their dilated polygons.

    The boxes' pixels are numbered row by row, box after box, with a spare one at the end of each row.
    """

    edges: Tensor  # (6, E) float32, px: ax, ay, bx - ax, by - ay, 1 / length², (bx - ax) / (by - ay)
    near: Tensor  # (4, E) int32, of the pixels that an edge may be the nearest to: left, top, width, how many
    crossed: Tensor  # (2, E) int32, of the rows whose pixel centres an edge passes: the first, how many
    edge_boxes: Tensor  # (4, E) int32, of the box of an edge's polygon: left, top, row length, first number
    boxes: Tensor  # (5, P) int32: image, left, top, row length, how many pixels
    distances: Tensor  # (P,) float32 shrink distances, px; 0 where the polygon is masked out
    pixels: int  # in all boxes
    pairs: int  # sum of the last row of `near`
    crossings: int  # sum of the last row of `crossed`

    def moved(self, move: Callable[[Tensor], Tensor]) -> PolygonChunk:
        """The chunk after `move`, which takes a tensor to other memory."""
        return replace(
            self,
            edges=move(self.edges),
            near=move(self.near),
            crossed=move(self.crossed),
            edge_boxes=move(self.edge_boxes),
            boxes=move(self.boxes),
            distances=move(self.distances),
        )


def chunk_polygons(shrunk: Sequence[ShrunkPolygons], sizes: Sequence[tuple[int, int]]) -> tuple[PolygonChunk, ...]:
    """Prepare the shrunk of a batch for the device.

    Args:
        shrunk: of each image.
        sizes: height and width of each image, px; nothing is drawn outside of it.

    Returns:
        One chunk or more, together all shrunk that reach into their images.
    """
    polygons = pack_polygons([polygon for one in shrunk for polygon in unpack_polygons(one.polygons)])
    distances = np.concatenate([np.zeros(0), *(one.distances for one in shrunk)])
    images = np.repeat(np.arange(len(shrunk)), [len(one.distances) for one in shrunk])
    limits = np.array(sizes, dtype=np.int64).reshape(-1, 2)[images].T
    bounds = _polygon_bounds(polygons, distances, limits)
    pixels = _pixels(bounds)
    drawn = np.flatnonzero(pixels)
    chunk_of = (np.cumsum(pixels[drawn]) - 1) // PIXELS_AT_ONCE
    chunks = [drawn[chunk_of == number] for number in np.unique(chunk_of)] or [drawn]
    return tuple(
        _chunk(pick_polygons(polygons, chosen), distances[chosen], images[chosen], [side[chosen] for side in bounds])
        for chosen in chunks
    )


def _chunk(
    polygons: PackedPolygons, distances: npt.NDArray[np.float64], images: Integers, bounds: Sequence[Integers]
) -> PolygonChunk:
    """One chunk of P shrunk; all arguments have P entries."""
    left, top, right, bottom = bounds
    lengths = right - left + 1
    pixels = lengths * (bottom - top)
    owner = np.repeat(np.arange(len(distances)), np.diff(polygons.starts))
    ends = np.stack((polygons.points, polygons.points[_following(polygons)]))
    low, high = ends.min(axis=0), ends.max(axis=0)
    near = _bounds(low, high, distances[owner], [side[owner] for side in bounds])
    rows = [np.clip(np.ceil(y - 0.5), top[owner], bottom[owner]).astype(np.int64) for y in (low[:, 1], high[:, 1])]
    near_pixels, crossed_rows = _pixels(near), rows[1] - rows[0]
    edge_boxes = (left[owner], top[owner], lengths[owner], (np.cumsum(pixels) - pixels)[owner])
    return PolygonChunk(
        edges=torch.from_numpy(_lines(*ends).astype(np.float32)),
        near=_whole_numbers((near[0], near[1], near[2] - near[0], near_pixels)),
        crossed=_whole_numbers((rows[0], crossed_rows)),
        edge_boxes=_whole_numbers(edge_boxes),
        boxes=_whole_numbers((images, left, top, lengths, pixels)),
        distances=torch.from_numpy(distances.astype(np.float32)),
        pixels=int(pixels.sum()),
        pairs=int(near_pixels.sum()),
        crossings=int(crossed_rows.sum()),
    )


def _whole_numbers(rows: Sequence[Integers]) -> Tensor:
    return torch.from_numpy(np.stack(rows).astype(np.int32))


def _polygon_bounds(polygons: PackedPolygons, distances: npt.NDArray[np.float64], limits: Integers) -> Bounds:
    """Pixels around the P dilated polygons, within images of (2, P) heights and widths."""
    height, width = limits
    none = np.zeros_like(height)
    if len(distances) == 0:
        return none, none, none, none
    low, high = (edge.reduceat(polygons.points, polygons.starts[:-1]) for edge in (np.minimum, np.maximum))
    return _bounds(low, high, distances, (none, none, width, height))


def _bounds(
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    reach: npt.NDArray[np.float64],
    limits: Sequence[Integers],
) -> Bounds:
    """Pixels with centres no farther than `reach`, (M,) px, from upright boxes, (M, 2) corners, within limits."""
    left, top, right, bottom = limits
    margin = reach[:, None] + TIE
    first, last = np.floor(low - margin - 0.5), np.ceil(high + margin + 0.5)
    columns = [np.clip(side[:, 0], left, right).astype(np.int64) for side in (first, last)]
    rows = [np.clip(side[:, 1], top, bottom).astype(np.int64) for side in (first, last)]
    return columns[0], rows[0], columns[1], rows[1]


def _pixels(bounds: Bounds) -> Integers:
    left, top, right, bottom = bounds
    pixels: Integers = (right - left) * (bottom - top)
    return pixels


def _following(polygons: PackedPolygons) -> Integers:
    """(V,) number of the vertex after each one."""
    following = np.arange(1, len(polygons.points) + 1)
    following[polygons.starts[1:] - 1] = polygons.starts[:-1]
    return following


def _lines(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(6, E) as `PolygonChunk.edges`, for edges from a to b, (E, 2) px each; 0 where a division is by 0."""
    step_x, step_y = (b - a).T
    length = step_x**2 + step_y**2
    inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0.0)
    slope = np.divide(step_x, step_y, out=np.zeros_like(length), where=step_y != 0.0)
    return np.stack((*a.T, step_x, step_y, inverse, slope))
