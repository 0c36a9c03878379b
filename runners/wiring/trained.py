"""A network with the weights of a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from runners.cli.entry import explain
from runners.wiring.checkpoints import CheckpointError

Network = TypeVar("Network", bound=nn.Module)


def check_weights(state: object, path: str | Path) -> None:
    """Refuse what is no state dict, or holds a NaN.

    Raises:
        CheckpointError: naming the tensor.
    """
    if not isinstance(state, Mapping) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise CheckpointError(f"{path}: expected weights by name in its state_dict, got {type(state).__name__}")
    for name, value in state.items():
        if not bool(torch.isfinite(value).all()):
            raise CheckpointError(
                f"{path}: expected finite weights, got NaN or infinity in {name}; take another epoch's"
            )


def build_trained(
    path: str | Path, state: Mapping[str, torch.Tensor], build: Callable[[], Network], *, prefix: str = ""
) -> Network:
    """A network with a checkpoint's weights, in evaluation mode.

    Args:
        path: of the checkpoint.
        state: its `state_dict`.
        build: makes the network of its settings.
        prefix: of the weights' names that the network's own lack.

    Raises:
        CheckpointError: if the settings build no network, or the weights do not fit it or hold a NaN.
    """
    check_weights(state, path)
    try:
        network = build()
    except Exception as error:
        if explain(error) is not None:
            raise
        raise CheckpointError(f"{path}: its settings do not build a network: {error}") from error
    try:
        network.load_state_dict({name.removeprefix(prefix): value for name, value in state.items()})
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its weights do not fit its configuration: {error}") from error
    return network.eval()
