"""Backbones: a classification network by its timm name, without its classifier, as a feature pyramid."""

from __future__ import annotations

import difflib
import os
import socket
from pathlib import Path
from pickle import UnpicklingError
from urllib.parse import urlparse
from urllib.request import getproxies

import huggingface_hub
import timm
from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE
from safetensors import SafetensorError
from timm.models import FeatureInfo, load_state_dict
from torch import nn


class PretrainedWeightsError(RuntimeError):
    """Pretrained weights were asked for and cannot be had; the message names the ways on."""


def create_backbone(
    name: str, *, pretrained: bool = False, weights: str | Path | None = None, strides: tuple[int, ...] = (4, 8, 16, 32)
) -> nn.Module:
    """A timm network that returns its features at the given strides.

    Args:
        name: a timm model name, such as `resnet18`, `hrnet_w44` or `convnext_tiny`.
        pretrained: load timm's ImageNet weights from their hub (or its local cache).
        weights: a local file of a state dict (`.safetensors`, `.pth`) to start from; wins over `pretrained`.
        strides: the reductions to return, ascending.

    Returns:
        A module: (N, 3, H, W) float -> list of (N, C_i, H / stride_i, W / stride_i); `feature_info` below tells C_i.

    Raises:
        ValueError: if timm has no such model, or it does not offer all the strides.
        PretrainedWeightsError: if the hub is out of reach, or `weights` does not fit the network.
    """
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=8)
        raise ValueError(f"expected a timm model name, got {name!r}; similar ones: {', '.join(near) or 'none'}")
    load_from_hub = pretrained and weights is None
    if load_from_hub and _hub_out_of_reach() and not _is_cached(name):
        raise PretrainedWeightsError(_ways_on(name, "the model hub is out of reach"))
    try:
        backbone = timm.create_model(
            name, pretrained=load_from_hub, features_only=True, out_indices=_indices_of_strides(name, strides)
        )
    except (OSError, RuntimeError) as error:
        if not load_from_hub:
            raise
        raise PretrainedWeightsError(_ways_on(name, (str(error) or repr(error)).splitlines()[0])) from error
    if weights is not None:
        _load_local_weights(backbone, Path(weights), name)
    return backbone


def feature_info(backbone: nn.Module) -> FeatureInfo:
    """What timm says of a backbone's features: `channels()` and `reduction()`.

    Raises:
        TypeError: if it is not a network of `create_backbone`.
    """
    info = backbone.feature_info
    if not isinstance(info, FeatureInfo):
        raise TypeError(f"expected a timm feature extractor, got {type(backbone).__name__}")
    return info


def _indices_of_strides(name: str, strides: tuple[int, ...]) -> tuple[int, ...]:
    reductions = feature_info(timm.create_model(name, pretrained=False, features_only=True)).reduction()
    missing = [stride for stride in strides if stride not in reductions]
    if missing:
        raise ValueError(
            f"expected features at strides {strides}, but {name} offers {reductions}: choose another encoder"
        )
    return tuple(len(reductions) - 1 - reductions[::-1].index(stride) for stride in strides)


def _load_local_weights(backbone: nn.Module, path: Path, name: str) -> None:
    """Loads every weight of the backbone from a classifier's file; the classifier's own head may be left over."""
    if not path.is_file():
        raise PretrainedWeightsError(f"expected a file of weights for {name}, got {path}, which does not exist")
    try:
        state = load_state_dict(str(path), weights_only=True)
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError, AttributeError, UnpicklingError) as error:
        raise PretrainedWeightsError(f"expected a state dict in {path}, could not read it: {error}") from error
    own = backbone.state_dict()
    renamed = {_own_name(key, own): value for key, value in state.items()}
    wrong = [k for k in own if k not in renamed or renamed[k].shape != own[k].shape]
    parts = {k.partition(".")[0] for k in own}
    left_over = [k for k in renamed if k not in own and k.partition(".")[0] in parts]
    if wrong or left_over:
        raise PretrainedWeightsError(
            f"{path} does not fit {name}: {len(wrong)} of {len(own)} weights are missing or of another shape and "
            f"{len(left_over)} have no place, the first is {(wrong + left_over)[0]!r}; "
            "it must be a state dict of the same timm network"
        )
    backbone.load_state_dict({key: renamed[key] for key in own})


def _own_name(key: str, own: dict[str, object]) -> str:
    """The name in timm's feature extractors, which have `stages_0` where a classifier's file has `stages.0`."""
    head, _, tail = key.partition(".")
    number, _, rest = tail.partition(".")
    flattened = f"{head}_{number}.{rest}"
    return flattened if key not in own and flattened in own else key


def _hub_out_of_reach() -> bool:
    """True where the hub's host name does not resolve: asking it would only retry for a minute."""
    if HF_HUB_OFFLINE:
        return True
    host = urlparse(ENDPOINT).hostname
    if getproxies() or host is None:
        return False
    try:
        socket.getaddrinfo(host, 443)
    except socket.gaierror:
        return True
    return False


def _is_cached(name: str) -> bool:
    settings = timm.get_pretrained_cfg(name)
    repository = settings.hf_hub_id if settings else None
    if not repository:
        return False
    files = ("model.safetensors", "pytorch_model.bin")
    return any(
        isinstance(huggingface_hub.try_to_load_from_cache(repository, file), str | os.PathLike) for file in files
    )


def _ways_on(name: str, reason: str) -> str:
    return (
        f"no pretrained weights for the encoder {name!r}: {reason}. Ways on: "
        f"models.encoder.weights=FILE (a local timm state dict of {name}, .safetensors or .pth); "
        f"models.encoder.name=… (an encoder whose weights are in the hub's cache); "
        f"models.encoder.pretrained=false (start from random weights)"
    )
