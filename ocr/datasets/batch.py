"""What a data loader hands to the network: pixels, training maps, and where each picture came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ocr.datasets.maps import DBTargets
from ocr.datasets.placement import PADDING_COLOUR
from ocr.geometry import Matrix, Polygon


class TargetMaps(NamedTuple):
    """Training maps of a batch, (N, 1, H, W) each: uint8 on the way (threshold: 255 = 1), then floats in [0, 1]."""

    probability: Tensor
    probability_mask: Tensor
    threshold: Tensor
    threshold_mask: Tensor

    def as_floats(self) -> TargetMaps:
        """The 8-bit maps as float32 in [0, 1], on their device."""
        return TargetMaps(
            self.probability.float(), self.probability_mask.float(), self.threshold / 255, self.threshold_mask.float()
        )


@dataclass(frozen=True)
class ImageRecord:
    """One picture's identity, frame and labels; polygons in original pixels, empty where there are no labels."""

    filename: str
    width_original: int
    height_original: int
    input_to_original: Matrix
    polygons: tuple[Polygon, ...] = ()
    ignore: tuple[bool, ...] = ()


class DetectionSample(NamedTuple):
    """One picture at the network's size: (H, W, 3) uint8 RGB, with its training maps in training."""

    image: npt.NDArray[np.uint8]
    targets: DBTargets | None
    record: ImageRecord


class UnreadableImage(NamedTuple):
    """A file that could not be read, and why."""

    filename: str
    reason: str


@dataclass(frozen=True)
class DetectionBatch:
    """A batch. `images` is (N, 3, H, W) uint8 RGB, channels last in memory; H and W are the largest in the batch."""

    images: Tensor
    targets: TargetMaps | None
    records: tuple[ImageRecord, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    def to(self, device: torch.device | str) -> DetectionBatch:
        """The batch with its tensors on another device; page-locked ones go there without waiting."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=tensor.is_pinned()))

    def pin_memory(self) -> DetectionBatch:
        """The batch with its tensors in page-locked memory."""
        return self._map(torch.Tensor.pin_memory)

    def _map(self, move: Callable[[Tensor], Tensor]) -> DetectionBatch:
        targets = None if self.targets is None else TargetMaps(*map(move, self.targets))
        return replace(self, images=move(self.images), targets=targets)


def collate(samples: Sequence[DetectionSample | UnreadableImage]) -> DetectionBatch:
    """Joins samples, each padded at the bottom and right to the largest height and width among them.

    Args:
        samples: at least one; unreadable ones are only passed on.

    Returns:
        A batch of N >= 0 images. Where the samples have targets, the padding is background that counts.
    """
    readable = [sample for sample in samples if isinstance(sample, DetectionSample)]
    unreadable = tuple(sample for sample in samples if isinstance(sample, UnreadableImage))
    height = max((sample.image.shape[0] for sample in readable), default=0)
    width = max((sample.image.shape[1] for sample in readable), default=0)
    images = np.empty((len(readable), height, width, 3), dtype=np.uint8)
    images[:] = PADDING_COLOUR
    for canvas, sample in zip(images, readable, strict=True):
        canvas[: sample.image.shape[0], : sample.image.shape[1]] = sample.image
    return DetectionBatch(
        torch.from_numpy(images).permute(0, 3, 1, 2),
        _collate_targets([sample.targets for sample in readable], height, width),
        tuple(sample.record for sample in readable),
        unreadable,
    )


def _collate_targets(targets: list[DBTargets | None], height: int, width: int) -> TargetMaps | None:
    present = [target for target in targets if target is not None]
    if not present:
        return None
    backgrounds = DBTargets._fields.index("probability_mask")
    stacked = []
    for field, maps in enumerate(zip(*present, strict=True)):
        canvas = np.full((len(maps), 1, height, width), int(field == backgrounds), dtype=np.uint8)
        for row, one in zip(canvas, maps, strict=True):
            row[:, : one.shape[1], : one.shape[2]] = one
        stacked.append(torch.from_numpy(canvas))
    return TargetMaps(*stacked)
