"""Classifiers on timm networks: from the last features, or from features at several scales."""

from __future__ import annotations

from typing import Any, cast

import torch
from timm.layers.squeeze_excite import SEModule
from torch import Tensor, nn

from baseline_code.models.backbones import feature_info
from baseline_code.models.stages import network_stages

SCALES = (8, 16, 32)  # strides: layers 2, 3 and 4 of a ResNet


class TimmClassifier(nn.Module):
    """timm's network, dropout and one linear layer.

    Args:
        backbone: a timm network without its last layer, of `create_trunk`.
        num_outputs: logits.
        squeeze_excitation: put a squeeze-and-excitation block (reduction 16) behind the last features.
        dropout: fraction of the pooled features that training drops, in [0, 1).
    """

    def __init__(
        self, backbone: nn.Module, num_outputs: int, *, squeeze_excitation: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.backbone: Any = backbone
        channels = cast(int, backbone.num_features)
        self.squeeze_excitation = squeeze_excitation_block(channels) if squeeze_excitation else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(cast(int, backbone.head_hidden_size), num_outputs)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) float, normalised -> logits (N, num_outputs)."""
        features = self.squeeze_excitation(self.backbone.forward_features(images))
        pooled = self.backbone.forward_head(features, pre_logits=True)
        logits: Tensor = self.head(self.dropout(pooled))
        return logits

    def stages(self) -> list[nn.Module]:
        """The backbone's stages, first to last."""
        return network_stages(self.backbone)


class MultiScaleClassifier(nn.Module):
    """Global average pools of the features at strides 8, 16 and 32 side by side, dropout and one linear layer.

    Args:
        backbone: a feature extractor of `create_backbone` with `strides=SCALES`.
        num_outputs: logits.
        squeeze_excitation: put a squeeze-and-excitation block (reduction 16) behind the features at stride 32.
        dropout: fraction of the pooled features that training drops, in [0, 1).
    """

    def __init__(
        self, backbone: nn.Module, num_outputs: int, *, squeeze_excitation: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.backbone = backbone
        channels = feature_info(backbone).channels()
        self.squeeze_excitation = squeeze_excitation_block(channels[-1]) if squeeze_excitation else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(sum(channels), num_outputs)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) float, normalised -> logits (N, num_outputs)."""
        *shallow, deepest = self.backbone(images)
        pooled = [features.mean((2, 3)) for features in (*shallow, self.squeeze_excitation(deepest))]
        logits: Tensor = self.head(self.dropout(torch.cat(pooled, dim=1)))
        return logits

    def stages(self) -> list[nn.Module]:
        """The backbone's stages, first to last."""
        return network_stages(self.backbone)


def squeeze_excitation_block(channels: int) -> nn.Module:
    """Scales each channel by a fraction in (0, 1) that is learnt from the means of all channels.

    Args:
        channels: C; the hidden layer has C // 16 units, at least one.

    Returns:
        A module: (N, C, H, W) -> the same shape.

    Source:
        Hu et al., CVPR 2018 (arXiv 1709.01507), section 3; 1 x 1 convolutions with biases for the two layers.
    """
    return SEModule(channels, rd_channels=max(1, channels // 16))
