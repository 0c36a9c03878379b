"""FPN decoder: skip connections by addition; DBNet++ with adaptive scale fusion."""

from __future__ import annotations

from torch import Tensor, nn

from ocr.models.blocks import concatenate_levels, conv_bn_relu, initialise, upsample_to


class FPNDecoder(nn.Module):
    """Lateral 1x1 convolutions, top-down addition, one 3x3 convolution per level, levels concatenated.

    Source:
        Lin et al., CVPR 2017 (arXiv 1612.03144), as used in DBNet (arXiv 1911.08947, "Methodology"); with
        `adaptive_scale_fusion` DBNet++ (arXiv 2202.10304). Departure: batch normalisation and ReLU follow each
        convolution.

    Args:
        in_channels: channels of the encoder's features, finest first.
        inner_channels: width of the pathway.
        output_channels: channels of each level in the output.
        adaptive_scale_fusion: weigh the levels per position before they are joined.
    """

    def __init__(
        self,
        in_channels: list[int],
        *,
        inner_channels: int,
        output_channels: int,
        adaptive_scale_fusion: bool = False,
    ) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(conv_bn_relu(channels, inner_channels, 1) for channels in in_channels)
        self.outputs = nn.ModuleList(conv_bn_relu(inner_channels, output_channels, 3) for _ in in_channels)
        self.out_channels = output_channels * len(in_channels)
        initialise(self)
        self.fusion = AdaptiveScaleFusion(output_channels, len(in_channels)) if adaptive_scale_fusion else nn.Identity()

    def forward(self, features: list[Tensor]) -> Tensor:
        """[c2, c3, c4, c5] -> (N, out_channels, H / 4, W / 4)."""
        pyramid = [lateral(feature) for lateral, feature in zip(self.laterals, features, strict=True)]
        for level in range(len(pyramid) - 2, -1, -1):
            pyramid[level] = pyramid[level] + upsample_to(pyramid[level + 1], pyramid[level])
        levels = [output(p) for output, p in zip(self.outputs, pyramid, strict=True)]
        fused: Tensor = self.fusion(concatenate_levels(levels))
        return fused


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
