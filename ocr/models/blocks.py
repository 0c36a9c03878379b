"""What networks are made of: input shifts, convolution blocks, channel gates, levels upsampled and joined."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class InputShift(nn.Module):
    """Adds a constant to each channel of the input; zero in a network of random weights.

    A network that was trained with another mean reads its own zero at the padded border. The shift stays in front of
    the padding, so that the border is read as it was, which a shift folded into the first bias would not do.

    Attributes:
        shift: (1, 3, 1, 1), in units of the normalised input. It is kept in checkpoints and does not learn.
    """

    shift: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) -> the same shape."""
        return images + self.shift


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


class ChannelGate(nn.Module):
    """The weights of squeeze-and-excitation: mean over the image, 1x1 to a quarter, ReLU, 1x1 back, hard sigmoid.

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
