"""PP-LCNetV3: the encoder of PP-OCRv4's and v5's mobile detectors."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ocr.models.blocks import InputShift, SqueezeExcitation
from ocr.models.encoder import check_size

STEM_WIDTH = 16


class BlockSpec(NamedTuple):
    """A block: a depthwise convolution, a gate where `gated`, a 1x1 convolution to `out_channels`."""

    kernel_size: int
    out_channels: int
    stride: int
    gated: bool = False


STAGES = (
    (BlockSpec(3, 32, 1),),
    (BlockSpec(3, 48, 2), BlockSpec(3, 48, 1)),
    (BlockSpec(3, 96, 2), BlockSpec(3, 96, 1)),
    (BlockSpec(3, 192, 2), *(BlockSpec(5, 192, 1),) * 4),
    (BlockSpec(5, 384, 2, gated=True), BlockSpec(5, 384, 1, gated=True), *(BlockSpec(5, 384, 1),) * 2),
)
"""Width 0.75. The stages begin at strides 2, 4, 8, 16, 32."""

FEATURES = (12, 18, 42, 360)
"""Channels to which the last four stages are brought for the neck."""


class PPLCNetV3(nn.Module):
    """PP-LCNetV3 x0.75 of a text detector, in the form in which a trained network is deployed.

    Source:
        PP-LCNet (Cui et al., arXiv 2109.15099), as PP-OCRv4 widened it: learnable affines around each activation. Read
        from the graph of its ONNX file, where the parallel branches and the batch normalisation of its training are
        merged into single convolutions. Departure: the affine in front of an activation is part of the convolution's
        weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.input_shift = InputShift()
        self.stem = nn.Conv2d(3, STEM_WIDTH, 3, stride=2, padding=1)
        widths = (STEM_WIDTH, *(stage[-1].out_channels for stage in STAGES))
        self.blocks = nn.ModuleList(_stage(width, specs) for width, specs in zip(widths, STAGES, strict=False))
        self.outputs = nn.ModuleList(
            nn.Conv2d(width, channels, 1) for width, channels in zip(widths[2:], FEATURES, strict=True)
        )
        self.out_channels: list[int] = list(FEATURES)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 3, H, W) normalised floats -> [c2, c3, c4, c5]: (N, C_i, H / s, W / s) for s = 4, 8, 16, 32.

        Raises:
            ValueError: if H or W is no multiple of 32.
        """
        check_size(images)
        features = [self.stem(self.input_shift(images))]
        for stage in self.blocks:
            features.append(stage(features[-1]))
        return [output(feature) for output, feature in zip(self.outputs, features[2:], strict=True)]

    def stages(self) -> list[nn.Module]:
        """The stem and the five stages: what freezing takes as one."""
        return [self.stem, *self.blocks]


class Affine(nn.Module):
    """scale * x + shift, one learnable number each."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.shift = nn.Parameter(torch.zeros(1))

    def forward(self, features: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        return self.scale * features + self.shift


class ActivatedConv(nn.Module):
    """A convolution with bias, then hard-swish and an affine; with stride 2 the convolution alone."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=kernel_size // 2, groups=groups
        )
        self.activation = nn.Identity() if stride == 2 else nn.Sequential(nn.Hardswish(), Affine())

    def forward(self, features: Tensor) -> Tensor:
        """(N, in_channels, H, W) -> (N, out_channels, H / stride, W / stride)."""
        activated: Tensor = self.activation(self.conv(features))
        return activated


def _block(in_channels: int, spec: BlockSpec) -> nn.Sequential:
    return nn.Sequential(
        ActivatedConv(in_channels, in_channels, spec.kernel_size, stride=spec.stride, groups=in_channels),
        SqueezeExcitation(in_channels) if spec.gated else nn.Identity(),
        ActivatedConv(in_channels, spec.out_channels, 1),
    )


def _stage(in_channels: int, specs: tuple[BlockSpec, ...]) -> nn.Sequential:
    widths = (in_channels, *(spec.out_channels for spec in specs))
    return nn.Sequential(*(_block(width, spec) for width, spec in zip(widths, specs, strict=False)))
