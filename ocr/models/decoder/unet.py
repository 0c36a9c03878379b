"""UNet decoder: skip connections by concatenation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocr.models.blocks import concatenate_levels, conv_bn_relu, initialise, upsample_to


class UNetDecoder(nn.Module):
    """From the coarsest level up: upsample, concatenate the skip, convolve; each level sends its fraction to the head.

    Source:
        Ronneberger et al., MICCAI 2015 (arXiv 1505.04597). Departures: 1x1 convolutions bring each skip to the width of
        the pathway first, upsampling is by nearest neighbour, one convolution follows each concatenation, and all
        levels (not the finest alone) are handed on.

    Args:
        in_channels: channels of the encoder's features, finest first.
        inner_channels: width of the pathway.
        output_channels: channels of each level in the output.
    """

    def __init__(self, in_channels: list[int], *, inner_channels: int, output_channels: int) -> None:
        super().__init__()
        self.skips = nn.ModuleList(conv_bn_relu(channels, inner_channels, 1) for channels in in_channels)
        self.merges = nn.ModuleList(conv_bn_relu(2 * inner_channels, inner_channels, 3) for _ in in_channels[1:])
        self.outputs = nn.ModuleList(conv_bn_relu(inner_channels, output_channels, 3) for _ in in_channels)
        self.out_channels = output_channels * len(in_channels)
        initialise(self)

    def forward(self, features: list[Tensor]) -> Tensor:
        """[c2, c3, c4, c5] -> (N, out_channels, H / 4, W / 4)."""
        skips = [skip(feature) for skip, feature in zip(self.skips, features, strict=True)]
        levels = [skips[-1]]
        for skip, merge in zip(skips[-2::-1], reversed(self.merges), strict=True):
            levels.insert(0, merge(torch.cat([upsample_to(levels[0], skip), skip], dim=1)))
        return concatenate_levels([output(level) for output, level in zip(self.outputs, levels, strict=True)])
