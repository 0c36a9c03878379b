"""Probability maps of whole images, run through the network here and put together by the thread that asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from torch import Tensor

from ocr.annotations.records import ImageRecord
from ocr.datasets.batch import DetectionBatch
from ocr.datasets.view_batch import ViewBatch, ViewPlace
from ocr.lightning_modules.host_maps import HostMaps
from ocr.probability_maps import Frame, ImageMap, MapView, crop_to_image, fuse_views

Network = Callable[[DetectionBatch], Tensor]
"""A batch to its probability maps, (N, 1, H, W) float in [0, 1]."""


class PendingMap(NamedTuple):
    """An image whose network output is on its way to the host."""

    record: ImageRecord
    read: Callable[[], ImageMap]  # waits for the copy, then crops or fuses: work for a thread


def run_network(network: Network, batch: DetectionBatch | ViewBatch) -> list[PendingMap]:
    """The maps of the images of a batch, in its order, without waiting for them.

    Args:
        network: called once for a plain batch with images, once a chunk for one of views.
        batch: images, each seen plainly or in several views.
    """
    if isinstance(batch, DetectionBatch):
        if not batch.records:
            return []
        maps = HostMaps(network(batch)[:, 0])
        return [PendingMap(record, partial(_crop, maps, index, record)) for index, record in enumerate(batch.records)]
    chunks = [HostMaps(network(chunk)[:, 0]) for chunk in batch.chunks]
    return [
        PendingMap(record, partial(_fuse, chunks, places, record))
        for record, places in zip(batch.records, batch.places, strict=True)
    ]


def _crop(maps: HostMaps, index: int, record: ImageRecord) -> ImageMap:
    return crop_to_image(maps[index], record)


def _fuse(chunks: Sequence[HostMaps], places: Sequence[ViewPlace], record: ImageRecord) -> ImageMap:
    """One map, in the frame that the record's matrix tells."""
    views = []
    for place in places:
        probability = chunks[place.chunk][place.slot]
        height, width = probability.shape
        views.append(MapView(probability, place.input_to_original, place.weight, place.fade.window(width, height)))
    size = record.width_original, record.height_original
    frame = Frame(*(round(side / record.input_to_original[axis, axis]) for axis, side in enumerate(size)))
    return ImageMap(record, fuse_views(views, *size, frame=frame))
