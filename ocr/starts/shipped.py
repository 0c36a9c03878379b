"""Detectors that come with the package, and the names of the files of a detector's folder."""

from __future__ import annotations

from pathlib import Path

from ocr.starts.errors import StartError

INSTALLED = Path(__file__).resolve().parents[1] / "weights"
ROOM = INSTALLED if INSTALLED.is_dir() else INSTALLED.parents[1] / "weights"
"""In a checkout the weights lie at its top."""
SHIPPED = ("receipt_light",)
STATE_FILE = "detector.safetensors"
GRAPH = "detector.onnx"
"""Beside a state file: its network, whose weights lie in the state file, for engines other than torch."""


def find_state_file(weights: str | Path) -> Path | None:
    """The state file behind the name of a shipped detector, behind a folder that holds one, or at a path.

    Returns:
        None for anything else.

    Raises:
        StartError: if a shipped detector is named and its file is not there.
    """
    if str(weights) in SHIPPED:
        path = ROOM / str(weights) / STATE_FILE
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
