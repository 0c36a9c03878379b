"""What the name or path of a whole detector stands for; without torch, for whoever only runs it."""

from __future__ import annotations

from pathlib import Path

from baseline_code.files.duplicates import file_sha256
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.package_files import find_package_file
from ocr.starts.known import SHIPPED, STARTS, known_by_sha256

SUFFIX = ".onnx"
ARCHITECTURES = ("ppocrv4_mobile", "ppocrv6_small", "ppocrv6_tiny")
"""One of `STARTS` for each network, to try where a file is not known."""
INSTALLED = Path(__file__).resolve().parents[1] / "weights"
WEIGHTS = INSTALLED if INSTALLED.is_dir() else INSTALLED.parents[1] / "weights"
"""In a checkout the weights lie at its top."""
STATE_FILE = "detector.safetensors"
GRAPH = "detector.onnx"
"""Beside a state file: its network, whose weights lie in the state file, for engines other than torch."""
OWN, OPENVINO = "own.onnx", "openvino.xml"
"""Exports with the project's own input, which engines read and nothing trains from."""
METADATA = "dbnet"
"""The entry of a file's metadata in which exports of this project keep their settings."""


class StartError(ValueError):
    """Weights of a whole detector cannot be had or do not fit; the message names the file and what to do."""


def is_onnx_start(weights: str | Path) -> bool:
    """Whether weights are named as a package's detector, or are an ONNX file."""
    return str(weights) in STARTS or Path(weights).suffix == SUFFIX


def onnx_path(weights: str | Path) -> Path:
    """The file behind a name, or the path itself.

    Raises:
        StartError: if the package is not installed or its file is another one, or there is no file at the path.
    """
    if str(weights) in STARTS:
        try:
            return find_package_file(STARTS[str(weights)].files)
        except PretrainedWeightsError as error:
            raise StartError(str(error)) from error
    if not Path(weights).is_file():
        raise StartError(f"expected an ONNX file, got {weights}, which does not exist")
    return Path(weights)


def known_as(weights: str | Path) -> str | None:
    """The name of `STARTS` that weights are, by name or by hash; None for a file that is not known.

    Raises:
        StartError: if there is no such file.
    """
    if str(weights) in STARTS:
        return str(weights)
    return known_by_sha256(file_sha256(onnx_path(weights)))


def find_state_file(weights: str | Path) -> Path | None:
    """The state file behind the name of a shipped detector, behind a folder that holds one, or at a path.

    Returns:
        None for anything else.

    Raises:
        StartError: if a shipped detector is named and its file is not there.
    """
    if str(weights) in SHIPPED:
        path = WEIGHTS / str(weights) / STATE_FILE
        if not path.is_file():
            raise StartError(
                f"expected the shipped detector in {path}, found no file there: get it again (install the package "
                "again, in a checkout: git checkout -- weights), or name another detector"
            )
        return path
    path = Path(weights)
    if path.suffix == ".safetensors":
        return path
    return path / STATE_FILE if (path / STATE_FILE).is_file() else None


def brings_no_data(path: str | Path) -> bool:
    """Whether a detector does not say what it was trained on: a named or exported one, or an ONNX file.

    Raises:
        StartError: if a shipped detector is named and its file is not there.
    """
    return is_onnx_start(path) or find_state_file(path) is not None


def checkpoint_file(path: str | Path) -> Path:
    """The file behind a checkpoint's path or a detector's name; it need not be there.

    Raises:
        StartError: if a detector is named and cannot be had; see `onnx_path` and `find_state_file`.
    """
    return onnx_path(path) if is_onnx_start(path) else find_state_file(path) or Path(path)
