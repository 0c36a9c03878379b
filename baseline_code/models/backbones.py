"""Backbones: a classification network by its timm name, without its classifier."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import timm
from timm.models import FeatureInfo
from torch import nn

from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.fitting import load_backbone
from baseline_code.weights.pretrained import build_pretrained
from baseline_code.weights.reading import read_weights

__all__ = ["PretrainedWeightsError", "create_backbone", "create_trunk", "feature_info"]


def create_backbone(
    name: str,
    *,
    pretrained: bool = False,
    weights: str | Path | None = None,
    strides: tuple[int, ...] = (4, 8, 16, 32),
    setting: str = "models.encoder",
) -> nn.Module:
    """A timm network that returns its features at the given strides.

    Args:
        name: a timm model name, such as `resnet18`, `hrnet_w44` or `convnext_tiny`; a tag behind a dot chooses among
            its pretrained weights (`resnet18.tv_in1k`).
        pretrained: load timm's ImageNet weights from their hub (or its local cache), else the shipped ones.
        weights: a local file to start from, of the same network: see `read_weights` and `load_backbone`; wins over
            `pretrained`.
        strides: the reductions to return, ascending.
        setting: where the settings are, for messages.

    Returns:
        A module: (N, 3, H, W) float -> list of (N, C_i, H / stride_i, W / stride_i); `feature_info` below tells C_i.

    Raises:
        ValueError: if timm has no such model or tag, or it does not offer all the strides.
        PretrainedWeightsError: if there are no pretrained weights to be had, or `weights` does not fit the network.
    """

    def build(*, pretrained: bool) -> nn.Module:
        indices = _indices_of_strides(name, strides)
        return timm.create_model(name, pretrained=pretrained, features_only=True, out_indices=indices)

    _check_name(name)
    if weights is None:
        return build_pretrained(name, build, setting=setting) if pretrained else build(pretrained=False)
    backbone = build(pretrained=False)
    load_backbone(backbone, read_weights(weights), name=name, source=f"{setting}.weights={weights}")
    return backbone


def create_trunk(name: str, *, pretrained: bool = False, setting: str = "models.network") -> nn.Module:
    """A timm network up to the vector that its classifier reads: `forward_features`, then `forward_head`.

    The arguments are those of `create_backbone`.

    Raises:
        ValueError: if timm has no such model or tag.
        PretrainedWeightsError: if there are no pretrained weights to be had.
    """

    def build(*, pretrained: bool) -> nn.Module:
        return timm.create_model(name, pretrained=pretrained, num_classes=0)

    _check_name(name)
    return build_pretrained(name, build, setting=setting) if pretrained else build(pretrained=False)


def feature_info(backbone: nn.Module) -> FeatureInfo:
    """What timm says of a backbone's features: `channels()` and `reduction()`.

    Raises:
        TypeError: if it is not a network of `create_backbone`.
    """
    info: Any = getattr(backbone, "feature_info", None)
    if not isinstance(info, FeatureInfo):
        raise TypeError(f"expected a timm feature extractor, got {type(backbone).__name__}")
    return info


def _check_name(name: str) -> None:
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=8)
        raise ValueError(f"expected a timm model name, got {name!r}; similar ones: {', '.join(near) or 'none'}")
    untagged, _, tag = name.partition(".")
    tagged = timm.list_models(f"{untagged}.*", include_tags=True)
    if tag and name not in tagged:
        raise ValueError(f"expected a tag of timm's weights, got {name!r}; there are {', '.join(tagged) or 'none'}")


def _indices_of_strides(name: str, strides: tuple[int, ...]) -> tuple[int, ...]:
    reductions = feature_info(timm.create_model(name, pretrained=False, features_only=True)).reduction()
    missing = [stride for stride in strides if stride not in reductions]
    if missing:
        raise ValueError(
            f"expected features at strides {strides}, but {name} offers {reductions}: choose another encoder"
        )
    return tuple(len(reductions) - 1 - reductions[::-1].index(stride) for stride in strides)
