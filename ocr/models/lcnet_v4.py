"""PP-LCNetV4: the encoder of PP-OCRv6's small and tiny detectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocr.models.blocks import InputShift, SqueezeExcitation
from ocr.models.encoder import check_size

WIDTHS = {"pp_lcnet_v4_small": (24, 48, 96, 192, 384), "pp_lcnet_v4_tiny": (16, 32, 48, 64, 160)}
"""Channels of the stem and of the stages at strides 4, 8, 16, 32."""

DEPTHS = (2, 2, 4, 2)
"""Residual blocks of each stage."""


class PPLCNetV4(nn.Module):
    """A stem of two branches and four stages of depthwise blocks, in the form in which a trained network is deployed.

    Source:
        PP-OCRv6's detectors, read from the graphs of their ONNX files: no paper describes them. The parallel branches
        and the batch normalisation of their training are merged there into single convolutions with bias.

    Args:
        name: `pp_lcnet_v4_small` or `pp_lcnet_v4_tiny`.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        stem_width, *widths = WIDTHS[name]
        self.input_shift = InputShift()
        self.stem = Stem(stem_width, widths[0])
        self.blocks = nn.ModuleList(
            _stage(before, width, depth)
            for before, width, depth in zip((None, *widths[:-1]), widths, DEPTHS, strict=True)
        )
        self.out_channels: list[int] = list(widths)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 3, H, W) normalised floats -> [c2, c3, c4, c5]: (N, C_i, H / s, W / s) for s = 4, 8, 16, 32.

        Raises:
            ValueError: if H or W is no multiple of 32.
        """
        check_size(images)
        features = [self.stem(self.input_shift(images))]
        for stage in self.blocks:
            features.append(stage(features[-1]))
        return features[1:]

    def stages(self) -> list[nn.Module]:
        """The stem and the four stages: what freezing takes as one."""
        return [self.stem, *self.blocks]


class Stem(nn.Module):
    """(N, 3, H, W) -> (N, out_channels, H / 4, W / 4): beside each other a max pool and two 2x2 convolutions."""

    def __init__(self, width: int, out_channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.halve = nn.Conv2d(width, width // 2, 2)
        self.restore = nn.Conv2d(width // 2, width, 2)
        self.merge = nn.Conv2d(2 * width, width, 3, stride=2, padding=1)
        self.last = nn.Conv2d(width, out_channels, 1)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, out_channels, H / 4, W / 4)."""
        halved = self.first(images).relu()
        convolved = self.restore(_pad(self.halve(_pad(halved)).relu())).relu()
        pooled = nn.functional.max_pool2d(_pad(halved), 2, stride=1)
        merged = self.merge(torch.cat([pooled, convolved], dim=1)).relu()
        features: Tensor = self.last(merged).relu()
        return features


class Block(nn.Module):
    """Depthwise 3x3, optional gate, then 1x1 to twice the width, GELU and 1x1; with stride 1 their input is added.

    Args:
        in_channels: of the input.
        out_channels: of the output; the same where `stride` is 1.
        stride: 1 or 2.
        gated: squeeze-and-excitation behind the depthwise convolution.
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1, gated: bool = False) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, 3, stride=stride, padding=1, groups=in_channels)
        self.gate = SqueezeExcitation(in_channels) if gated else nn.Identity()
        self.expand = nn.Conv2d(in_channels, 2 * in_channels, 1)
        self.project = nn.Conv2d(2 * in_channels, out_channels, 1)
        self.residual = stride == 1

    def forward(self, features: Tensor) -> Tensor:
        """(N, in_channels, H, W) -> (N, out_channels, H / stride, W / stride)."""
        mixed = self.gate(self.depthwise(features))
        projected: Tensor = self.project(nn.functional.gelu(self.expand(mixed)))
        return mixed + projected if self.residual else projected


def _stage(before: int | None, width: int, depth: int) -> nn.Sequential:
    """`depth` residual blocks, every other one gated; behind a stage of `before` channels a block of stride 2 opens."""
    opening = [] if before is None else [Block(before, width, stride=2)]
    return nn.Sequential(*opening, *(Block(width, width, gated=number % 2 == 0) for number in range(depth)))


def _pad(features: Tensor) -> Tensor:
    """One pixel of zeros at the right and at the bottom: what is pooled here is never negative."""
    return nn.functional.pad(features, (0, 1, 0, 1))
