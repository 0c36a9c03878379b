"""What a data loader hands to the network: pixels, training maps, and where each image came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from baseline_code.images.unreadable import UnreadableImage
from ocr.annotations.records import ImageRecord
from ocr.label_maps.painting import DBTargets
from ocr.label_maps.target_maps import ByteMaps, stack_maps
from ocr.transforms.warping import paste


class DetectionSample(NamedTuple):
    """One image at the network's size: (H, W, 3) uint8 RGB, with its training maps."""

    image: npt.NDArray[np.uint8]
    targets: DBTargets
    record: ImageRecord
    instead_of: tuple[UnreadableImage, ...] = ()  # files whose place it takes


@dataclass(frozen=True)
class DetectionBatch:
    """A batch. `images` is (N, 3, H, W) uint8 RGB, channels last in memory; H and W are the largest in the batch."""

    images: Tensor
    targets: ByteMaps  # their `as_floats()` gives the loss its maps
    records: tuple[ImageRecord, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    @property
    def filenames(self) -> tuple[str, ...]:
        """Of the images."""
        return tuple(record.filename for record in self.records)

    def to(self, device: torch.device | str) -> DetectionBatch:
        """The batch with its tensors on another device; page-locked ones go there without waiting."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=tensor.is_pinned()))

    def pin_memory(self) -> DetectionBatch:
        """The batch with its tensors in page-locked memory."""
        return self._map(torch.Tensor.pin_memory)

    def _map(self, move: Callable[[Tensor], Tensor]) -> DetectionBatch:
        return replace(self, images=move(self.images), targets=self.targets.moved(move))


def collate(samples: Sequence[DetectionSample]) -> DetectionBatch:
    """Joins samples, at least one, each padded at the bottom and right to the largest height and width among them.

    In the training maps the padding is background that counts.
    """
    height, width = (max(sample.image.shape[axis] for sample in samples) for axis in (0, 1))
    images = np.empty((len(samples), height, width, 3), dtype=np.uint8)
    for canvas, sample in zip(images, samples, strict=True):
        paste(sample.image, canvas)
    return DetectionBatch(
        torch.from_numpy(images).permute(0, 3, 1, 2),
        stack_maps([sample.targets for sample in samples], height, width),
        tuple(sample.record for sample in samples),
        tuple(image for sample in samples for image in sample.instead_of),
    )
