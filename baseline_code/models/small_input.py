"""ResNets for small images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from baseline_code.weights.fitting import sort_weights

STEM = 3
"""Side of the small stem's kernel, px."""


def use_small_stem(network: nn.Module) -> None:
    """Gives a ResNet a 3 x 3 stem without stride and without pooling, new and random: 32 px then end as 4 x 4.

    Args:
        network: a classifier with a timm ResNet as its `backbone`; changed in place.

    Raises:
        ValueError: if its backbone does not begin like a ResNet.

    Source:
        He et al., CVPR 2016 (arXiv 1512.03385), section 4.2, for the stem; the stages stay those for larger images.
    """
    backbone: Any = getattr(network, "backbone", None)
    stem = getattr(backbone, "conv1", None)
    if not isinstance(stem, nn.Conv2d) or not isinstance(getattr(backbone, "maxpool", None), nn.Module):
        raise ValueError("expected a ResNet such as resnet18 for models.network.small_input=true, got another network")
    backbone.conv1 = nn.Conv2d(stem.in_channels, stem.out_channels, STEM, padding=STEM // 2, bias=stem.bias is not None)
    nn.init.kaiming_normal_(backbone.conv1.weight, mode="fan_out", nonlinearity="relu")
    backbone.maxpool = nn.Identity()


def has_small_stem(state: Mapping[str, Tensor]) -> bool:
    """Whether a state dict is of a ResNet that already has the small stem."""
    kernel = sort_weights(state).body.get("conv1.weight")
    return kernel is not None and kernel.shape[-1] == STEM
