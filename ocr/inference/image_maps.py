"""Probability maps of whole images: the network runs here, the thread that asks puts a map together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ocr.annotations.records import ImageRecord
from ocr.datasets.evaluation import EvaluationBatch, ViewPlace
from ocr.probability_maps import Frame, ImageMap, MapView, crop_to_image, fuse_views

Network = Callable[[Tensor], Tensor]
"""(N, 3, H, W) uint8 RGB -> probability maps, (N, 1, H, W) float in [0, 1]."""


class PendingMap(NamedTuple):
    """An image whose network output is on its way to the host."""

    record: ImageRecord
    read: Callable[[], ImageMap]  # waits for the copy, then crops or fuses: work for a thread


class HostMaps:
    """Probability maps of a chunk in 16 bits on the host.

    They are rounded on their device and copied while the next kernels run: only who reads them waits for the copy.

    Args:
        probability: (N, H, W) float in [0, 1], on any device.
    """

    def __init__(self, probability: Tensor) -> None:
        rounded = (probability * 65535 + 0.5).to(torch.uint16)
        self._maps = rounded.to("cpu", non_blocking=rounded.is_cuda)  # from CUDA, into page-locked memory
        self._copied: torch.cuda.Event | None = None
        if rounded.is_cuda:
            self._copied = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
            self._copied.record(torch.cuda.current_stream(rounded.device))

    def __getitem__(self, index: int) -> npt.NDArray[np.uint16]:
        """(H, W), 65535 = 1; the thread that asks sleeps until the copy is there."""
        if self._copied is not None:
            self._copied.synchronize()
        probability: npt.NDArray[np.uint16] = self._maps[index].numpy()
        return probability


def run_network(network: Network, batch: EvaluationBatch) -> list[PendingMap]:
    """The maps of the images of a batch, in its order, without waiting for them.

    Args:
        network: called once for each chunk.
        batch: images, each in one view or several.
    """
    chunks = [HostMaps(network(chunk)[:, 0]) for chunk in batch.chunks]
    return [
        PendingMap(record, partial(_read, chunks, places, record))
        for record, places in zip(batch.records, batch.places, strict=True)
    ]


def _read(chunks: Sequence[HostMaps], places: Sequence[ViewPlace], record: ImageRecord) -> ImageMap:
    """One map, in the frame that the record's matrix describes: a single view of that frame is only cropped."""
    first = places[0]
    if len(places) == 1 and np.allclose(first.input_to_original, record.input_to_original, atol=1e-9):
        return crop_to_image(chunks[first.chunk][first.slot], record)
    views = []
    for place in places:
        probability = chunks[place.chunk][place.slot]
        height, width = probability.shape
        views.append(MapView(probability, place.input_to_original, place.weight, place.fade.window(width, height)))
    size = record.width_original, record.height_original
    frame = Frame(*(round(side / record.input_to_original[axis, axis]) for axis, side in enumerate(size)))
    return ImageMap(record, fuse_views(views, *size, frame=frame))
