"""What a data loader hands to the network: pixels, labels and where each image came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from baseline_code.classifier.predictions import Unreadable
from baseline_code.images.reading import Pixels


class ClassificationSample(NamedTuple):
    """One image at the network's size: (S, S, 3) uint8 RGB."""

    image: Pixels
    label: int
    filename: str
    instead_of: tuple[Unreadable, ...] = ()  # files whose place it takes


@dataclass(frozen=True)
class ClassificationBatch:
    """A batch. `images` is (N, 3, S, S) uint8 RGB, channels last in memory; `labels` is (N,) int64."""

    images: Tensor
    labels: Tensor
    filenames: tuple[str, ...]
    unreadable: tuple[Unreadable, ...] = ()

    def to(self, device: torch.device | str) -> ClassificationBatch:
        """The batch with its tensors on another device; page-locked ones go there without waiting."""
        moved = [tensor.to(device, non_blocking=tensor.is_pinned()) for tensor in (self.images, self.labels)]
        return replace(self, images=moved[0], labels=moved[1])

    def pin_memory(self) -> ClassificationBatch:
        """The batch with its tensors in page-locked memory."""
        return replace(self, images=self.images.pin_memory(), labels=self.labels.pin_memory())


def collate(samples: Sequence[ClassificationSample]) -> ClassificationBatch:
    """Joins samples of one size; at least one."""
    images = np.stack([sample.image for sample in samples])
    return ClassificationBatch(
        torch.from_numpy(images).permute(0, 3, 1, 2),
        torch.tensor([sample.label for sample in samples], dtype=torch.int64),
        tuple(sample.filename for sample in samples),
        tuple(image for sample in samples for image in sample.instead_of),
    )
