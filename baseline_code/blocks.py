"""Blocks that classifiers are put together from, made of timm's."""

from __future__ import annotations

from timm.layers.squeeze_excite import SEModule
from timm.models.resnet import BasicBlock
from torch import nn


def squeeze_excitation(channels: int, reduction: int = 16) -> nn.Module:
    """Scales each channel by a share in (0, 1) that is learnt from the means of all channels.

    Args:
        channels: C.
        reduction: the hidden layer has C // reduction units, at least one; >= 1.

    Returns:
        A module: (N, C, H, W) -> the same shape. It has 2 C (C // reduction) + C // reduction + C weights.

    Raises:
        ValueError: if `reduction` is less than 1.

    Source:
        Hu et al., CVPR 2018 (arXiv 1709.01507), section 3; 1 x 1 convolutions with biases for the two layers.
    """
    if reduction < 1:
        raise ValueError(f"expected a reduction >= 1, got {reduction}")
    return SEModule(channels, rd_channels=max(1, channels // reduction))


def basic_block(in_channels: int, out_channels: int) -> nn.Module:
    """Two 3 x 3 convolutions beside a 1 x 1 shortcut, each normalised over the batch; ReLU behind the sum.

    Args:
        in_channels: C.
        out_channels: D.

    Returns:
        A module: (N, C, H, W) -> (N, D, H, W), with 10 C D + 9 D² + 6 D weights.
    """
    shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels))
    return BasicBlock(in_channels, out_channels, downsample=shortcut)
