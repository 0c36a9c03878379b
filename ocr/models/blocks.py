"""What decoders and heads are made of: convolution blocks, and levels upsampled and joined."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv_bn_relu(in_channels: int, out_channels: int, kernel_size: int) -> nn.Sequential:
    """Convolution (no bias, same size) - batch normalisation - ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


def initialise(module: nn.Module) -> None:
    """He initialisation of every convolution; batch normalisation starts at scale 1, shift 0."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.ones_(part.weight)
            nn.init.zeros_(part.bias)


def upsample_to(features: Tensor, reference: Tensor) -> Tensor:
    """Nearest-neighbour upsampling of (N, C, h, w) to the height and width of `reference`."""
    return nn.functional.interpolate(features, size=reference.shape[-2:], mode="nearest")


def concatenate_levels(levels: list[Tensor]) -> Tensor:
    """Joins (N, C, H / s, W / s) levels, finest first, along the channels at the finest one's size."""
    return torch.cat([levels[0], *(upsample_to(level, levels[0]) for level in levels[1:])], dim=1)
