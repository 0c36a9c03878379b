"""A detector in one safetensors file: its weights in half precision, and its settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from baseline_code.files.atomic import write_bytes_atomic
from ocr.detection.metadata import KEY, DetectorError, Metadata
from ocr.starts.naming import GRAPH

Weights = Mapping[str, npt.NDArray[Any]]
_STATISTIC, _COUNTER = ".running_var", ".num_batches_tracked"  # of batch normalisation; nothing reads the counter
_HASH = "weights_sha256"
_LENGTH = 8  # bytes in front of the header that give its length


class StateFile(NamedTuple):
    """Content of a file, its hash checked."""

    metadata: Metadata
    weights: dict[str, npt.NDArray[Any]]


def write_state_file(path: Path, weights: Weights, metadata: Metadata) -> None:
    """Writes weights and settings; the same ones give the same bytes.

    Args:
        path: where to.
        weights: name -> array. They are kept in half precision, but for normalisation layers, whose statistics may be
            tiny or huge.
        metadata: of the detector.

    Raises:
        ValueError: if a weight is a number that half precision lacks.
    """
    from safetensors.numpy import save  # here: who checks a file for another engine may lack the package

    normalised = {name.removesuffix(_STATISTIC) for name in weights if name.endswith(_STATISTIC)}
    kept = {
        name: value if name.rpartition(".")[0] in normalised else _halved(name, value)
        for name, value in weights.items()
        if not name.endswith(_COUNTER)
    }
    data = save(kept)
    digest = hashlib.sha256(data[_data_start(data) :]).hexdigest()
    content = json.loads(metadata.to_json()) | {_HASH: digest}
    write_bytes_atomic(path, save(kept, metadata={KEY: json.dumps(content)}))


def read_state_file(path: Path) -> StateFile:
    """Reads weights and settings.

    Raises:
        DetectorError: if the file is missing, damaged or has no settings of a detector.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = _read(path)
    try:
        weights = load(content)
    except (SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return StateFile(_read_metadata(content, path), weights)


def check_state_file(path: Path, graph: Metadata) -> None:
    """Makes sure that a state file is whole and belongs to the graph beside it; needs no `safetensors`.

    Args:
        path: of the state file.
        graph: what the graph says of the detector.

    Raises:
        DetectorError: if the file is damaged, or the two are of different exports.
    """
    if _read_metadata(_read(path), path).to_json() != graph.to_json():
        raise DetectorError(
            f"{path}: expected the weights of the {GRAPH} beside it, got those of another export: copy both files again"
        )


def find_tensors(path: Path) -> dict[str, tuple[int, int]]:
    """Where each tensor lies in a file: name -> its first byte and the number of bytes."""
    content = path.read_bytes()
    start = _data_start(content)
    offsets = {name: entry["data_offsets"] for name, entry in _header(content).items() if name != "__metadata__"}
    return {name: (start + first, end - first) for name, (first, end) in offsets.items()}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DetectorError(f"{path}: expected a detector's weights, {error.strerror}") from error


def _read_metadata(content: bytes, path: Path) -> Metadata:
    """The settings in a file, whose weights are compared with their hash."""
    try:
        stored = _header(content).get("__metadata__", {}).get(KEY)
    except (ValueError, AttributeError) as error:
        raise _unreadable(path, error) from error
    if stored is None:
        raise DetectorError(
            f"{path}: expected a detector's settings beside its weights, found none: runners/export.py writes them"
        )
    metadata = Metadata.from_json(stored, path)
    if json.loads(stored).get(_HASH) != hashlib.sha256(content[_data_start(content) :]).hexdigest():
        raise DetectorError(f"{path}: damaged: its weights have another SHA-256 than it says; copy the file again")
    return metadata


def _unreadable(path: Path, error: Exception) -> DetectorError:
    return DetectorError(f"{path}: expected safetensors, could not read them: {error}; copy the file again")


def _header(content: bytes) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(content[_LENGTH : _data_start(content)])
    return header


def _data_start(content: bytes) -> int:
    return _LENGTH + int.from_bytes(content[:_LENGTH], "little")


def _halved(name: str, value: npt.NDArray[Any]) -> npt.NDArray[Any]:
    with np.errstate(over="ignore"):
        halved = value.astype(np.float16)
    if not bool(np.isfinite(halved).all()):
        raise ValueError(f"expected finite weights within half precision, got {np.abs(value).max()} in {name!r}")
    return np.ascontiguousarray(halved)
