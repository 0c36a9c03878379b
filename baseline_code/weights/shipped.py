"""Weights that come with the repository: one half-precision safetensors file per encoder, in pieces with hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.json_file import JsonFileError, read_json_object, write_json
from baseline_code.files.names import is_plain_file_name
from baseline_code.weights.errors import PretrainedWeightsError

SHIPPED = Path(__file__).resolve().parents[2] / "weights"
MANIFEST = "manifest.json"
PIECE_BYTES = 16_000_000


def ship(
    state: Mapping[str, Tensor],
    folder: Path,
    *,
    encoder: str,
    source: Mapping[str, Any],
    piece_bytes: int = PIECE_BYTES,
) -> Path:
    """Writes weights as `part-01.bin`, `part-02.bin`, … and `manifest.json`.

    Matrices and kernels become half precision. Vectors (biases, normalisation and its running statistics, which may be
    tiny or huge) and counters stay as they are.

    Args:
        state: name -> tensor, by timm's names.
        folder: where to; pieces and manifest of earlier weights are replaced, once the new ones are all written.
        encoder: the network's timm name.
        source: what the weights are: recipe, commit, data, scores; JSON values. A `description` is shown on loading.
        piece_bytes: the largest size of a piece.

    Returns:
        The manifest's path.

    Raises:
        ValueError: if a tensor is no finite half-precision number somewhere.
    """
    whole = save({name: _halved(name, value) for name, value in state.items()})
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".") as temporary:
        aside = Path(temporary)
        files = []
        for number, start in enumerate(range(0, len(whole), piece_bytes), start=1):
            piece, name = whole[start : start + piece_bytes], f"part-{number:02}.bin"
            write_bytes_atomic(aside / name, piece)
            files.append({"name": name, "bytes": len(piece), "sha256": _sha256(piece)})
        manifest = {"encoder": encoder, "source": dict(source), "sha256": _sha256(whole), "files": files}
        write_json(aside / MANIFEST, manifest)
        for old in (folder / MANIFEST, *folder.glob("part-*.bin")):
            old.unlink(missing_ok=True)
        for new in (*aside.glob("part-*.bin"), aside / MANIFEST):
            new.replace(folder / new.name)
    return folder / MANIFEST


def read_shipped(folder: Path) -> dict[str, Tensor]:
    """Joins the pieces in memory and checks every hash.

    Args:
        folder: of one encoder's pieces and manifest.

    Returns:
        name -> tensor on the CPU, matrices and kernels in half precision.

    Raises:
        PretrainedWeightsError: naming the file that is missing or damaged.
    """
    manifest = read_manifest(folder)
    pieces = [_read_piece(folder / file["name"], file["sha256"]) for file in manifest["files"]]
    whole = b"".join(pieces)
    if _sha256(whole) != manifest["sha256"]:
        raise PretrainedWeightsError(
            f"{folder / MANIFEST}: expected the joined pieces to have its sha256, they have another: "
            f"a piece is missing from its list or out of order; {_HINT}"
        )
    try:
        return load(whole)
    except Exception as error:  # SafetensorError, and what else foreign bytes with the right hash may raise
        raise PretrainedWeightsError(f"{folder}: expected safetensors in its pieces, got {error}") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder says of its weights: `encoder`, `source`, `sha256`, `files` in order.

    Raises:
        PretrainedWeightsError: if it is missing or lacks one of them.
    """
    path = folder / MANIFEST
    try:
        manifest = read_json_object(path, "a manifest of shipped weights")
    except JsonFileError as error:
        raise PretrainedWeightsError(
            f"{path}: expected a manifest of shipped weights, could not read it ({error}); {_HINT}"
        ) from error
    kinds = {"encoder": str, "source": dict, "sha256": str, "files": list}
    faults = [repr(KeyError(name)) for name in kinds if name not in manifest]
    faults += [
        f"another kind of {name}" for name, kind in kinds.items() if not isinstance(manifest.get(name, kind()), kind)
    ]
    if not faults and not all(map(_is_piece, manifest["files"])):
        faults = ["a piece without the name of a file beside it, or without its sha256"]
    if faults:
        raise PretrainedWeightsError(
            f"{path}: expected a manifest of shipped weights, could not read it ({faults[0]}); {_HINT}"
        )
    return manifest


def _is_piece(file: object) -> bool:
    """Whether an entry of a manifest names a file beside it, and its hash."""
    if not isinstance(file, dict):
        return False
    name, sha256 = file.get("name"), file.get("sha256")
    return isinstance(name, str) and isinstance(sha256, str) and is_plain_file_name(name)


_HINT = "get the files again (git checkout -- weights)"


def _read_piece(path: Path, sha256: str) -> bytes:
    try:
        piece = path.read_bytes()
    except OSError as error:
        raise PretrainedWeightsError(
            f"{path}: expected a piece of shipped weights, {error.strerror}; {_HINT}"
        ) from error
    if _sha256(piece) != sha256:
        raise PretrainedWeightsError(
            f"{path}: damaged: expected sha256 {sha256[:12]}…, got {_sha256(piece)[:12]}… of {len(piece)} bytes; "
            f"{_HINT}"
        )
    return piece


def _halved(name: str, value: Tensor) -> Tensor:
    value = value.detach().cpu().contiguous()
    halved = value.to(torch.float16) if value.is_floating_point() and value.ndim > 1 else value
    if not bool(torch.isfinite(halved).all()):
        raise ValueError(f"expected finite weights within half precision, got {value.abs().max().item()} in {name!r}")
    return halved


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
