"""Pyramid levels, upsampled to the finest and joined."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def upsample_to(features: Tensor, reference: Tensor) -> Tensor:
    """Nearest-neighbour upsampling of (N, C, h, w) to the height and width of `reference`."""
    return nn.functional.interpolate(features, size=reference.shape[-2:], mode="nearest")


def concatenate_levels(levels: list[Tensor]) -> Tensor:
    """Joins (N, C, H / s, W / s) levels, finest first, along the channels at the finest one's size."""
    return torch.cat([levels[0], *(upsample_to(level, levels[0]) for level in levels[1:])], dim=1)
