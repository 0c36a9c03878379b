"""RSE-FPN and RepLKFPN: pyramids whose convolutions are followed by a residual gate."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ocr.models.blocks import SqueezeExcitation, upsample_to

SLOPE = 0.2
"""Of the gates' hard sigmoid."""


class ResidualGateFPN(nn.Module):
    """Lateral 1x1 convolutions, top-down addition, an output per level, levels concatenated, the coarsest first.

    Laterals and outputs are each followed by x + x * gate(x). Without `depthwise_kernel` an output is a 3x3 convolution
    (RSE-FPN), with it a large depthwise convolution and a 1x1 convolution (RepLKFPN, its branches merged).

    Source:
        RSE-FPN: Li et al., PP-OCRv3 (arXiv 2206.03001), section 2.1. RepLKFPN: read from the graphs of PP-OCRv6's ONNX
        files.

    Args:
        in_channels: channels of the encoder's features, finest first.
        inner_channels: width of the pathway, a multiple of 4.
        output_channels: channels of each level in the output, a multiple of 4.
        depthwise_kernel: odd size of the depthwise convolutions; None: RSE-FPN.

    Raises:
        ValueError: if `depthwise_kernel` is even: the levels would grow by a pixel; if channels are no multiple of 4:
            the gates have a quarter of them.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        *,
        inner_channels: int,
        output_channels: int,
        depthwise_kernel: int | None = None,
    ) -> None:
        super().__init__()
        for name, channels in (("inner_channels", inner_channels), ("output_channels", output_channels)):
            if channels % 4:
                raise ValueError(
                    f"expected models.decoder.{name} to be a multiple of 4 with rse_fpn and rep_lk_fpn, got "
                    f"{channels}: take {channels + 4 - channels % 4}"
                )
        if depthwise_kernel is not None and depthwise_kernel % 2 == 0:
            raise ValueError(f"expected models.decoder.kernel_size to be odd, got {depthwise_kernel}: take 5 or 7")
        self.laterals = nn.ModuleList(
            _gated(nn.Conv2d(channels, inner_channels, 1, bias=False), inner_channels)
            for channels in reversed(in_channels)
        )
        self.outputs = nn.ModuleList(
            _gated(_output(inner_channels, output_channels, depthwise_kernel), output_channels) for _ in in_channels
        )
        self.out_channels = output_channels * len(in_channels)

    def forward(self, features: list[Tensor]) -> Tensor:
        """[c2, c3, c4, c5] -> (N, out_channels, H / 4, W / 4), the channels of p5 first."""
        pyramid = [lateral(feature) for lateral, feature in zip(self.laterals, reversed(features), strict=True)]
        for level in range(1, len(pyramid)):
            pyramid[level] = pyramid[level] + upsample_to(pyramid[level - 1], pyramid[level])
        levels = [output(p) for output, p in zip(self.outputs, pyramid, strict=True)]
        return torch.cat([upsample_to(level, levels[-1]) for level in levels], dim=1)


def _gated(convolution: nn.Module, channels: int) -> nn.Sequential:
    return nn.Sequential(convolution, SqueezeExcitation(channels, slope=SLOPE, residual=True))


def _output(in_channels: int, out_channels: int, depthwise_kernel: int | None) -> nn.Module:
    if depthwise_kernel is None:
        return nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, depthwise_kernel, padding=depthwise_kernel // 2, groups=in_channels),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )
