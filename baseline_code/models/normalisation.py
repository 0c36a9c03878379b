"""The normalisation of a network's input."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD


class Normalisation(nn.Module):
    """(N, 3, H, W) uint8 RGB -> float32, less the mean and divided by the deviation, on the images' device.

    Args:
        mean: of the RGB channels, in [0, 1].
        std: likewise, above 0.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, mean: Sequence[float] = IMAGENET_MEAN, std: Sequence[float] = IMAGENET_STD) -> None:
        super().__init__()
        offset, spread = (torch.tensor(tuple(values)).view(1, 3, 1, 1) for values in (mean, std))
        self.register_buffer("scale", 1 / (255 * spread), persistent=False)
        self.register_buffer("shift", -offset / spread, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Normalises."""
        return images * self.scale + self.shift
