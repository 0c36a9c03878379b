"""Other projects' functions, where `make peers` has installed them."""

from __future__ import annotations

import sys
from importlib import import_module
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
