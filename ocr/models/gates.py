"""Squeeze-and-excitation: a weight in [0, 1] for each channel, from the mean of the whole image."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelGate(nn.Module):
    """The weights alone: mean over the image, 1x1 to a quarter, ReLU, 1x1 back, hard sigmoid.

    Source:
        Hu et al., CVPR 2018 (arXiv 1709.01507). Departures, as PP-OCR's detectors have them: convolutions with bias, a
        hard sigmoid clip(slope x + 0.5, 0, 1) in the place of the sigmoid.

    Args:
        channels: of the input, a multiple of 4.
        slope: of the hard sigmoid.
    """

    def __init__(self, channels: int, *, slope: float) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 4, 1)
        self.expand = nn.Conv2d(channels // 4, channels, 1)
        self.slope = slope

    def forward(self, features: Tensor) -> Tensor:
        """(N, channels, H, W) -> (N, channels, 1, 1) in [0, 1]."""
        logits: Tensor = self.expand(self.reduce(features.mean(dim=(2, 3), keepdim=True)).relu())
        return (self.slope * logits + 0.5).clamp(0, 1)


class SqueezeExcitation(nn.Module):
    """Scales each channel by its gate: x * gate(x), or with `residual` x + x * gate(x).

    Args:
        channels: of the input, a multiple of 4.
        slope: of the gate's hard sigmoid: 1/6 in PP-LCNet, 0.2 in PP-OCR's necks.
        residual: add the input, as the necks do.
    """

    def __init__(self, channels: int, *, slope: float = 1 / 6, residual: bool = False) -> None:
        super().__init__()
        self.gate = ChannelGate(channels, slope=slope)
        self.residual = residual

    def forward(self, features: Tensor) -> Tensor:
        """(N, channels, H, W) -> the same shape."""
        scaled: Tensor = features * self.gate(features)
        return features + scaled if self.residual else scaled
