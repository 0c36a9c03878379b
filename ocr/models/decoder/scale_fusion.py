"""Adaptive scale fusion: the attention over pyramid levels that makes DBNet++."""

from __future__ import annotations

from torch import Tensor, nn

from ocr.models.blocks import initialise


class AdaptiveScaleFusion(nn.Module):
    """Weighs each pyramid level at each position.

    With S the concatenated levels and S' = conv(S), spatial attention is a = sigmoid(conv(relu(conv(m)))), m the mean
    of S' over its channels; the weights are sigmoid(conv(S' + a)), one map per level, that multiply the levels.

    Source:
        Liao et al., TPAMI 2022 (arXiv 2202.10304), "Adaptive Scale Fusion".

    Args:
        channels: channels of each level.
        levels: number of levels.
    """

    def __init__(self, channels: int, levels: int) -> None:
        super().__init__()
        self.channels = channels
        self.reduce = nn.Conv2d(channels * levels, channels, 3, padding=1)
        self.spatial = nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(1, 1, 1, bias=False),
            nn.Sigmoid(),
        )
        self.weigh = nn.Sequential(nn.Conv2d(channels, levels, 1, bias=False), nn.Sigmoid())
        initialise(self)

    def forward(self, concatenated: Tensor) -> Tensor:
        """(N, levels * channels, H, W) -> the same shape, each level scaled by its (N, 1, H, W) weight in [0, 1]."""
        reduced = self.reduce(concatenated)
        weights: Tensor = self.weigh(reduced + self.spatial(reduced.mean(dim=1, keepdim=True)))
        return concatenated * weights.repeat_interleave(self.channels, dim=1)
