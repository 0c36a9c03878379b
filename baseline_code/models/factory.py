"""From settings to a classifier, for images of any size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from baseline_code.models.backbones import create_backbone, create_trunk
from baseline_code.models.classifier import SCALES, MultiScaleClassifier, TimmClassifier
from baseline_code.models.own_networks import HResNet, PlainCNN, chest_resnet_backbone
from baseline_code.weights.fitting import load_classifier, sort_weights
from baseline_code.weights.reading import read_weights

OWN_NETWORKS = ("hresnet", "chest_resnet", "plain_cnn")
SETTING = "models.network"
SMALL_STEM = 3
"""Side of the small stem's kernel, px."""


def build_network(
    name: str,
    num_outputs: int,
    *,
    img_size: int,
    pretrained: bool = False,
    weights: str | Path | None = None,
    squeeze_excitation: bool = False,
    multi_scale: bool = False,
    small_input: bool = False,
    dropout: float = 0.0,
    normalisation: bool = True,
    skip: bool = True,
) -> nn.Module:
    """A classifier: (N, 3, img_size, img_size) float -> logits (N, num_outputs).

    It has a `backbone`, whose weights fit other networks with that backbone, a last linear layer `head`, and
    `stages()`, the backbone's parts from the stem to the last.

    Args:
        name: `hresnet`, `chest_resnet`, `plain_cnn`, or a timm model name; see `create_backbone`.
        num_outputs: logits, >= 1.
        img_size: side of the images, px; only `hresnet` asks for a certain one.
        pretrained: of timm's networks: start from timm's ImageNet weights, or the shipped ones; the head is new.
        weights: a local file to start from; wins over `pretrained`. See `read_weights` and `load_classifier`.
        squeeze_excitation: put a squeeze-and-excitation block (reduction 16) behind the last stage; not for `hresnet`
            and `plain_cnn`.
        multi_scale: classify by the features of several scales side by side; timm's networks only.
        small_input: ResNets on images of about 32 px: the stem is new, unless `weights` have a small one already.
        dropout: fraction of the head's inputs that training drops, in [0, 1).
        normalisation: `hresnet` can do without batch normalisation.
        skip: `hresnet` can do without its shortcuts.

    Raises:
        ValueError: if there is no such network, or it does not have what the settings ask for.
        baseline_code.models.backbones.PretrainedWeightsError: if weights cannot be had or do not fit.
    """
    if num_outputs < 1 or not 0 <= dropout < 1:
        raise ValueError(f"expected num_outputs >= 1 and {SETTING}.dropout in [0, 1), got {num_outputs} and {dropout}")
    from_hub = pretrained and weights is None
    _check_own(name, pretrained=from_hub, squeeze_excitation=squeeze_excitation, multi_scale=multi_scale)
    _check_complete(name, normalisation=normalisation, skip=skip)
    network: nn.Module
    if name == "hresnet":
        network = HResNet(num_outputs, img_size=img_size, dropout=dropout, normalisation=normalisation, skip=skip)
    elif name == "plain_cnn":
        network = PlainCNN(num_outputs, dropout=dropout)
    elif multi_scale:
        backbone = create_backbone(name, pretrained=from_hub, strides=SCALES, setting=SETTING)
        network = MultiScaleClassifier(backbone, num_outputs, squeeze_excitation=squeeze_excitation, dropout=dropout)
    else:
        own = name == "chest_resnet"
        trunk = chest_resnet_backbone() if own else create_trunk(name, pretrained=from_hub, setting=SETTING)
        network = TimmClassifier(trunk, num_outputs, squeeze_excitation=squeeze_excitation, dropout=dropout)
    state = None if weights is None else read_weights(weights)
    begins_small = small_input and state is not None and has_small_stem(state)
    if begins_small:
        use_small_stem(network)
    if state is not None:
        load_classifier(network, state, name=name, source=f"{SETTING}.weights={weights}")
    if small_input and not begins_small:
        use_small_stem(network)
    return network


def _check_own(name: str, *, pretrained: bool, squeeze_excitation: bool, multi_scale: bool) -> None:
    """Refuses what one of our own networks does not have."""
    if name not in OWN_NETWORKS:
        return
    wanted = {
        "pretrained": pretrained,
        "multi_scale": multi_scale,
        "squeeze_excitation": squeeze_excitation and name != "chest_resnet",
    }
    for key, value in wanted.items():
        if value:
            raise ValueError(
                f"expected {SETTING}.{key}=false for {name}, got true: timm's networks such as resnet18 have it"
            )


def _check_complete(name: str, *, normalisation: bool, skip: bool) -> None:
    """Refuses to take from another network what only HResNet can do without."""
    for key, value in {"normalisation": normalisation, "skip": skip}.items():
        if name != "hresnet" and not value:
            raise ValueError(f"expected {SETTING}.{key}=true for {name}, got false: only hresnet can do without")


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
    backbone.conv1 = nn.Conv2d(
        stem.in_channels, stem.out_channels, SMALL_STEM, padding=SMALL_STEM // 2, bias=stem.bias is not None
    )
    nn.init.kaiming_normal_(backbone.conv1.weight, mode="fan_out", nonlinearity="relu")
    backbone.maxpool = nn.Identity()


def has_small_stem(state: Mapping[str, Tensor]) -> bool:
    """Whether a state dict is of a ResNet that already has the small stem."""
    kernel = sort_weights(state).body.get("conv1.weight")
    return kernel is not None and kernel.shape[-1] == SMALL_STEM
