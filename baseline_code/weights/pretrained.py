"""Pretrained weights: timm's from the hub; where that is out of reach, shipped ones or a package's, said loudly."""

from __future__ import annotations

import logging
import os
import socket
from typing import Protocol
from urllib.parse import urlparse
from urllib.request import getproxies

import huggingface_hub
import timm
from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE
from torch import nn

from baseline_code.files.shown_text import first_line
from baseline_code.weights import shipped
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.fitting import load_backbone
from baseline_code.weights.packaged import PACKAGED, read_packaged

IMAGENET = "ImageNet"
"""What the `source` of shipped weights names as `trained_on` where they are what `pretrained: true` promises."""

_log = logging.getLogger(__name__)


class Build(Protocol):
    """Makes a network; with `pretrained`, timm loads the hub's weights into it."""

    def __call__(self, *, pretrained: bool) -> nn.Module:
        """The network."""
        ...


def build_pretrained(name: str, build: Build, *, setting: str) -> nn.Module:
    """A network with pretrained weights, never with random ones.

    Args:
        name: its timm name; shipped weights and those of packages stand in for every tag (`resnet18.tv_in1k`) of it.
        build: makes it.
        setting: where its settings are, for messages: `models.encoder`, say.

    Raises:
        PretrainedWeightsError: if neither the hub, its cache, the shipped weights nor an installed package has any.
    """
    if hub_out_of_reach() and not in_hub_cache(name):
        return _build_otherwise(name, build, setting, "the model hub is out of reach", None)
    try:
        return build(pretrained=True)
    except Exception as error:  # the hub's client passes on what HTTP and file libraries raise: a proxy's refusal, say
        if isinstance(error, ValueError) and not isinstance(error, OSError):  # the network lacks what it was asked for
            raise
        return _build_otherwise(name, build, setting, first_line(error), error)


def _build_otherwise(name: str, build: Build, setting: str, reason: str, cause: Exception | None) -> nn.Module:
    untagged, _, tag = name.partition(".")
    folder = shipped.SHIPPED / untagged
    packaged = PACKAGED.get(untagged)
    if (folder / shipped.MANIFEST).is_file():
        state, place = shipped.read_shipped(folder), str(folder)
        source = shipped.read_manifest(folder)["source"]
        from_imagenet = source.get("trained_on") == IMAGENET
        _log.log(
            logging.INFO if from_imagenet else logging.WARNING,
            "%s.pretrained=true, but %s: %s starts from the weights in %s%s, which are %s ImageNet's: %s",
            *(setting, reason, name, place),
            f" (of {untagged}, whatever the tag: not {tag})" if tag else "",
            "also" if from_imagenet else "NOT",
            source.get("description", source),
        )
    elif packaged is not None and packaged.file.location is not None:
        state, place = read_packaged(untagged), f"{packaged.file.package} {packaged.file.version}"
        _log.info(
            "%s.pretrained=true, but %s: %s starts from ImageNet's weights in the package %s",
            *(setting, reason, name, place),
        )
    else:
        raise PretrainedWeightsError(_hints(name, setting, reason)) from cause
    network = build(pretrained=False)
    load_backbone(network, state, name=name, source=place)
    return network


def _hints(name: str, setting: str, reason: str) -> str:
    packaged = PACKAGED.get(name.partition(".")[0])
    install = "" if packaged is None else f"{packaged.file.install} (brings ImageNet's weights of {name}); "
    return (
        f"no pretrained weights for the network {name!r}: {reason}. Ways on: {install}"
        f"{setting}.weights=FILE (a local state dict of {name}: .safetensors, .pth or a checkpoint); "
        f"{setting}.name=… (a network whose weights are in the hub's cache or shipped in weights/); "
        f"{setting}.pretrained=false (start from random weights)"
    )


def hub_out_of_reach() -> bool:
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


def in_hub_cache(name: str) -> bool:
    """Whether the hub's local cache holds timm's weights of a network."""
    settings = timm.get_pretrained_cfg(name)
    repository = settings.hf_hub_id if settings else None
    if not repository:
        return False
    files = ("model.safetensors", "pytorch_model.bin")
    return any(
        isinstance(huggingface_hub.try_to_load_from_cache(repository, file), str | os.PathLike) for file in files
    )
