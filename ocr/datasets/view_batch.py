"""Images that are each looked at in several ways, as batches for the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.batch import DetectionBatch, DetectionSample, collate
from ocr.geometry import Matrix
from ocr.transforms.edge_fade import Fade


class SampledView(NamedTuple):
    """The pixels of one view, (H, W, 3) uint8 RGB, the way back to the original, and what its map counts."""

    image: npt.NDArray[np.uint8]
    input_to_original: Matrix
    weight: float
    fade: Fade


class ViewSample(NamedTuple):
    """One image and its views; the record's matrix is that of the frame in which their maps are to be fused."""

    record: ImageRecord
    tta_views: tuple[SampledView, ...]


class ViewPlace(NamedTuple):
    """Where a view went: the chunk, its number there, its matrix, and what its map counts."""

    chunk: int
    slot: int
    input_to_original: Matrix
    weight: float
    fade: Fade


@dataclass(frozen=True)
class ViewBatch:
    """The views of some images in chunks for the network, each of one size: no view is padded for another's sake."""

    chunks: tuple[DetectionBatch, ...]
    places: tuple[tuple[ViewPlace, ...], ...]  # image by image
    records: tuple[ImageRecord, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    def to(self, device: torch.device | str) -> ViewBatch:
        """The batch with its tensors on another device; page-locked ones go there without waiting."""
        return self._map(lambda chunk: chunk.to(device))

    def pin_memory(self) -> ViewBatch:
        """The batch with its tensors in page-locked memory."""
        return self._map(DetectionBatch.pin_memory)

    def _map(self, move: Callable[[DetectionBatch], DetectionBatch]) -> ViewBatch:
        return replace(self, chunks=tuple(map(move, self.chunks)))


def collate_views(samples: Sequence[ViewSample | UnreadableImage], *, batch_size: int) -> ViewBatch:
    """Joins the views of images, those of equal size together, whichever image they are of.

    Args:
        samples: at least one; unreadable ones are only passed on.
        batch_size: views in a chunk, at most.
    """
    images = [sample for sample in samples if isinstance(sample, ViewSample)]
    places: list[list[ViewPlace]] = [[] for _ in images]
    chunks: list[DetectionBatch] = []
    for members in _group(images, batch_size):
        for slot, (image, tta_view) in enumerate(members):
            place = ViewPlace(len(chunks), slot, tta_view.input_to_original, tta_view.weight, tta_view.fade)
            places[image].append(place)
        chunks.append(
            collate([DetectionSample(tta_view.image, None, images[image].record) for image, tta_view in members])
        )
    return ViewBatch(
        tuple(chunks),
        tuple(map(tuple, places)),
        tuple(image.record for image in images),
        tuple(sample for sample in samples if isinstance(sample, UnreadableImage)),
    )


def _group(images: Sequence[ViewSample], batch_size: int) -> Iterator[list[tuple[int, SampledView]]]:
    """The views of equal size in chunks, each view with the index of its image."""
    alike: dict[tuple[int, ...], list[tuple[int, SampledView]]] = {}
    for index, image in enumerate(images):
        for tta_view in image.tta_views:
            alike.setdefault(tta_view.image.shape, []).append((index, tta_view))
    for members in alike.values():
        for start in range(0, len(members), batch_size):
            yield members[start : start + batch_size]
