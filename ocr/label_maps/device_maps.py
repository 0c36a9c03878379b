"""The training maps of a batch, drawn from its polygons on the device that these lie on.

Nothing here waits for the device: the host has counted the pixels beforehand. A pixel's distance to a polygon is the
least of those to the edges near it; it lies inside where the number of edges to its left is odd, which one running sum
over the rows of all boxes tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ocr.geometry.distance_field import TIE
from ocr.label_maps.polygon_chunks import PolygonChunk
from ocr.label_maps.target_maps import TargetMaps, threshold_labels

MASKED_OUT, READABLE = 1.0, 2.0
"""What covers a pixel; the larger value wins."""


@dataclass(frozen=True)
class TargetPolygons:
    """What the training maps of a batch are drawn from."""

    shape: tuple[int, int, int]  # N, H, W of the maps
    chunks: tuple[PolygonChunk, ...]  # one at least

    def moved(self, move: Callable[[Tensor], Tensor]) -> TargetPolygons:
        """The polygons after `move`, which takes a tensor to other memory."""
        return replace(self, chunks=tuple(chunk.moved(move) for chunk in self.chunks))

    def as_floats(self) -> TargetMaps:
        """Draw the maps of `build_targets`, as float32 in [0, 1], on the polygons' device."""
        images, height, width = self.shape
        drawn = torch.zeros((4, images * height * width), device=self.chunks[0].edges.device)
        with _in_any_order():
            for chunk in self.chunks:
                _draw(chunk, drawn, height, width)
        probability, closeness, threshold_mask, cover = drawn.view(4, images, 1, height, width)
        return TargetMaps(probability, cover.ne(MASKED_OUT).float(), threshold_labels(closeness, 1.0), threshold_mask)


def _draw(chunk: PolygonChunk, drawn: Tensor, height: int, width: int) -> None:
    """Raise maps of (4, N * H * W) pixels to what a chunk's polygons are there: the larger value wins."""
    squared, inside = _squared_distances(chunk), _inside(chunk)
    polygon, offset = _spread(chunk.boxes[-1], chunk.pixels)
    image, left, top, length, _ = chunk.boxes.index_select(1, polygon)
    row = offset // length
    x, y = left + offset - row * length, top + row
    distance = chunk.distances.index_select(0, polygon)
    trains = distance > 0.0
    values = torch.stack(
        (
            (inside & trains & (squared >= (distance - TIE).square())).float(),
            (1.0 - squared.sqrt() / distance).clamp_(min=0.0).where(trains, 0.0),
            (trains & (inside | (squared <= (distance + TIE).square()))).float(),
            torch.where(trains, READABLE, MASKED_OUT) * inside,
        )
    )
    place = (image * height + y) * width + x.clamp_(max=width - 1)  # spare pixels raise nothing
    drawn.scatter_reduce_(1, place.long().expand(4, -1), values, "amax")


def _squared_distances(chunk: PolygonChunk) -> Tensor:
    """Squared distance, px², from the centre of each of a chunk's pixels to its polygon; inf where that is far."""
    edge, offset = _spread(chunk.near[-1], chunk.pairs)
    left, top, width, _ = chunk.near.index_select(1, edge)
    row = offset // width
    x, y = left + offset - row * width, top + row
    ax, ay, step_x, step_y, inverse, _ = chunk.edges.index_select(1, edge)
    from_x, from_y = x + 0.5 - ax, y + 0.5 - ay
    along = ((from_x * step_x + from_y * step_y) * inverse).clamp_(0.0, 1.0)
    squared = (from_x - along * step_x).square_() + (from_y - along * step_y).square_()
    box_left, box_top, length, first = chunk.edge_boxes.index_select(1, edge)
    number = (first + (y - box_top) * length + x - box_left).long()
    nearest = torch.full((chunk.pixels,), torch.inf, device=squared.device)
    return nearest.scatter_reduce_(0, number, squared, "amin")


def _inside(chunk: PolygonChunk) -> Tensor:
    """Whether the centre of each of a chunk's pixels lies in its polygon (even-odd)."""
    edge, offset = _spread(chunk.crossed[-1], chunk.crossings)
    y = chunk.crossed[0].index_select(0, edge) + offset
    ax, ay, _, _, _, slope = chunk.edges.index_select(1, edge)
    box_left, box_top, length, first = chunk.edge_boxes.index_select(1, edge)
    column = torch.ceil(ax + (y + 0.5 - ay) * slope - 0.5) - box_left
    column = column.clamp_(min=0).minimum(length - 1)  # the spare pixel where the edge is beyond the box
    number = (first + (y - box_top) * length + column.int()).long()
    flips = torch.zeros(chunk.pixels, dtype=torch.int32, device=number.device)
    flips.scatter_add_(0, number, torch.ones_like(number, dtype=torch.int32))
    return flips.cumsum(0, dtype=torch.int32).bitwise_and_(1).bool()


def _spread(counts: Tensor, total: int) -> tuple[Tensor, Tensor]:
    """For (M,) counts with a known sum: 0 0 0 1 2 2 … and 0 1 2 0 0 1 …, (total,) each."""
    owner = torch.repeat_interleave(counts, output_size=total)
    first = counts.cumsum(0, dtype=counts.dtype) - counts
    return owner, torch.arange(total, dtype=counts.dtype, device=counts.device) - first.index_select(0, owner)


@contextmanager
def _in_any_order() -> Iterator[None]:
    """Permit scattered maxima and whole numbers' sums, whose order changes nothing, where torch is to be deterministic.

    Torch refuses them then, whatever is reduced.
    """
    before = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode("default")
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
