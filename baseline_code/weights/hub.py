"""The model hub: whether it can be asked for a network's weights at all."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlparse
from urllib.request import getproxies

import huggingface_hub
import timm
from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE


def out_of_reach() -> bool:
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


def is_cached(name: str) -> bool:
    """Whether the hub's local cache holds timm's weights of a network."""
    settings = timm.get_pretrained_cfg(name)
    repository = settings.hf_hub_id if settings else None
    if not repository:
        return False
    files = ("model.safetensors", "pytorch_model.bin")
    return any(
        isinstance(huggingface_hub.try_to_load_from_cache(repository, file), str | os.PathLike) for file in files
    )
