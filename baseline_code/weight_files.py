"""Files of weights: safetensors, torch state dicts, Lightning checkpoints, and lists of pieces."""

from __future__ import annotations

import json
from pathlib import Path
from pickle import UnpicklingError

from safetensors import SafetensorError
from timm.models import load_state_dict
from torch import Tensor

from baseline_code.shipped_weights import MANIFEST, PretrainedWeightsError, read_shipped

_UNREADABLE = (SafetensorError, RuntimeError, EOFError, OSError, ValueError, AttributeError, UnpicklingError)


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file, by the names that they have in it. No code in the file is run.

    Args:
        path: `.safetensors`; a torch file of a state dict or of a checkpoint that holds one (Lightning's or timm's, the
            averaged weights where it has both); `manifest.json` of shipped weights; or a hub's index of shards
            (`….index.json`), whose shards lie beside it.

    Returns:
        name -> tensor, on the CPU, in the type that was stored.

    Raises:
        PretrainedWeightsError: if the file or one of its pieces is missing, damaged, or no state dict.
    """
    path = Path(path)
    if not path.is_file():
        raise PretrainedWeightsError(f"expected a file of weights, got {path}, which does not exist")
    if path.name == MANIFEST:
        return read_shipped(path.parent)
    if path.suffix == ".json":
        return _read_shards(path)
    try:
        content = load_state_dict(str(path), weights_only=True)
    except _UNREADABLE as error:
        raise PretrainedWeightsError(f"expected a state dict in {path}, could not read it: {error}") from error
    state = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    if not state:
        raise PretrainedWeightsError(f"expected a state dict in {path}, found no tensor in it")
    return state


def _read_shards(path: Path) -> dict[str, Tensor]:
    try:
        shard_of = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
        shards = sorted({str(file) for file in shard_of.values()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PretrainedWeightsError(
            f"expected a list of shards in {path} (a `weight_map` of tensor names to files), could not read it: {error}"
        ) from error
    state: dict[str, Tensor] = {}
    for file in shards:
        state |= read_weights(path.parent / file)
    missing = sorted(set(shard_of) - set(state))
    if missing:
        raise PretrainedWeightsError(f"{path}: expected {missing[0]!r} in {shard_of[missing[0]]}, it is not there")
    return state
