"""How pixels become the numbers that a network takes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD


class Normalisation(nn.Module):
    """(N, 3, H, W) uint8 RGB -> float32 with ImageNet's mean and deviation, on the images' device."""

    scale: Tensor
    shift: Tensor

    def __init__(self) -> None:
        super().__init__()
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
        self.register_buffer("scale", 1 / (255 * std), persistent=False)
        self.register_buffer("shift", -mean / std, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Normalises."""
        return images * self.scale + self.shift
