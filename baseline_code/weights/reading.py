"""Files of weights: safetensors, torch state dicts, Lightning checkpoints, and lists of pieces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from timm.models import load_state_dict
from torch import Tensor

from baseline_code.files.json_file import JsonFileError, read_json_object
from baseline_code.files.names import is_plain_file_name
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.packaged import PACKAGED, read_packaged
from baseline_code.weights.shipped import MANIFEST, read_shipped


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file, by the names that they have in it. No code in the file is run.

    Args:
        path: a name of `PACKAGED`; `.safetensors`; a torch file of a state dict or of a checkpoint that holds one
            (Lightning's or timm's, the averaged weights where it has both); `manifest.json` of shipped weights; or a
            hub's index of shards (`….index.json`), whose shards are beside it.

    Returns:
        name -> tensor, on the CPU, in the type that was stored.

    Raises:
        PretrainedWeightsError: if the package, the file or one of its pieces is missing, damaged, no state dict, or
            holds a NaN.
    """
    if str(path) in PACKAGED:
        return read_packaged(str(path))
    path = Path(path)
    if not path.is_file():
        raise PretrainedWeightsError(f"expected a file of weights, got {path}, which does not exist")
    if path.name == MANIFEST:
        state = read_shipped(path.parent)
    else:
        state = _read_shards(path) if path.suffix == ".json" else _read_tensors(path)
    broken = [name for name, value in state.items() if not bool(torch.isfinite(value).all())]
    if broken:
        raise PretrainedWeightsError(
            f"expected finite weights in {path}, got NaN or infinity in {len(broken)} tensors, such as {broken[0]!r}"
        )
    return state


def _read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of one file that is no list of others."""
    try:
        content = load_state_dict(str(path), weights_only=True)
    except Exception as error:  # bytes that are no weights raise anything, from UnpicklingError to KeyError
        found = str(error) or repr(error)
        raise PretrainedWeightsError(f"expected a state dict in {path}, could not read it: {found}") from error
    if not isinstance(content, Mapping):
        raise PretrainedWeightsError(f"expected a state dict in {path}, got {type(content).__name__}")
    state = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    if not state:
        raise PretrainedWeightsError(f"expected a state dict in {path}, found no tensor in it")
    return state


def _read_shards(path: Path) -> dict[str, Tensor]:
    expected = f"expected a list of shards in {path} (a `weight_map` of tensor names to files), could not read it"
    try:
        shard_of = read_json_object(path, "a list of shards").get("weight_map")
    except JsonFileError as error:
        raise PretrainedWeightsError(f"{expected}: {error}") from error
    if not isinstance(shard_of, dict) or not all(isinstance(file, str) for file in shard_of.values()):
        raise PretrainedWeightsError(f"{expected}: there is none")
    shards = sorted(set(shard_of.values()))
    outside = [file for file in shards if not is_plain_file_name(file) or file.endswith(".json")]
    if outside:
        raise PretrainedWeightsError(f"{path}: expected shards that lie beside it, got {outside[0]!r}")
    missing_files = [file for file in shards if not (path.parent / file).is_file()]
    if missing_files:
        gone = path.parent / missing_files[0]
        raise PretrainedWeightsError(f"{path}: expected a file of weights, got {gone}, which does not exist")
    state: dict[str, Tensor] = {}
    for file in shards:
        state |= _read_tensors(path.parent / file)
    missing = sorted(set(shard_of) - set(state))
    if missing:
        raise PretrainedWeightsError(f"{path}: expected {missing[0]!r} in {shard_of[missing[0]]}, it is not there")
    return state
