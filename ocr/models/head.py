"""The differentiable-binarization head."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ocr.models.blocks import conv_bn_relu, initialise


class DBMaps(NamedTuple):
    """Head output. Each map is (N, 1, H, W), float, at input resolution; all but the logits lie in [0, 1]."""

    probability_logits: Tensor  # P before its sigmoid: the cross entropy is taken from here
    probability: Tensor  # P, supervised by the shrunk polygons
    threshold: Tensor  # T, supervised inside the dilated polygons only
    approximate_binary: Tensor  # sigmoid(k (P - T)), in float32


class DBHead(nn.Module):
    """Two branches (probability, threshold): 3x3 convolution, then two stages of x2 upsampling.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Differentiable binarization"; k = 50 there. Departure: the
        probability branch's last bias starts at the log-odds of a prior of 0.01, so that the first steps are not spent
        on unlearning text everywhere.

    Args:
        in_channels: channels of the decoder's output.
        k: amplifying factor of the approximate binary map.
        prior: probability of text that the head starts with, in (0, 1).
        normalised: batch normalisation behind the first two convolutions; else they have biases in its place.

    Raises:
        ValueError: if `k` is not positive or `prior` outside (0, 1).
    """

    def __init__(self, in_channels: int, *, k: float = 50.0, prior: float = 0.01, normalised: bool = True) -> None:
        super().__init__()
        if k <= 0 or not 0 < prior < 1:
            raise ValueError(f"expected k > 0 and prior in (0, 1), got k={k}, prior={prior}")
        self.k = k
        branch = _branch if normalised else _plain_branch
        self.probability_branch = branch(in_channels)
        self.threshold_branch = branch(in_channels)
        initialise(self)
        last = self.probability_branch[-1].get_parameter
        nn.init.normal_(last("weight"), std=0.01)
        nn.init.constant_(last("bias"), math.log(prior / (1 - prior)))

    def forward(self, features: Tensor) -> DBMaps:
        """(N, in_channels, H / 4, W / 4) -> the three maps at (N, 1, H, W)."""
        logits = self.logits(features)
        probability = logits.sigmoid()
        threshold = self.threshold_branch(features).float().sigmoid()
        approximate_binary = torch.sigmoid(self.k * (probability - threshold))
        return DBMaps(logits, probability, threshold, approximate_binary)

    def logits(self, features: Tensor) -> Tensor:
        """(N, in_channels, H / 4, W / 4) -> the probability map before its sigmoid, (N, 1, H, W), float32."""
        logits: Tensor = self.probability_branch(features).float()
        return logits


def build_head(in_channels: int, *, name: str, k: float) -> DBHead:
    """Builds the head by its name: `dbhead`, which checkpoints of its first days call `db`, or `dbhead_plain`.

    Raises:
        ValueError: for another name.
    """
    if name not in ("dbhead", "db", "dbhead_plain"):
        raise ValueError(f"expected models.head.name to be dbhead or dbhead_plain, got {name!r}")
    return DBHead(in_channels, k=k, normalised=name != "dbhead_plain")


def _branch(in_channels: int) -> nn.Sequential:
    inner_channels = max(in_channels // 4, 8)
    return nn.Sequential(
        conv_bn_relu(in_channels, inner_channels, 3),
        nn.ConvTranspose2d(inner_channels, inner_channels, 2, stride=2, bias=False),
        nn.BatchNorm2d(inner_channels),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(inner_channels, 1, 2, stride=2),
    )


def _plain_branch(in_channels: int) -> nn.Sequential:
    """As `_branch`, with biases in the place of batch normalisation, as PP-OCRv6 is deployed."""
    inner_channels = max(in_channels // 4, 8)
    return nn.Sequential(
        nn.Conv2d(in_channels, inner_channels, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(inner_channels, inner_channels, 2, stride=2),
        nn.ReLU(inplace=True),
        nn.ConvTranspose2d(inner_channels, 1, 2, stride=2),
    )
