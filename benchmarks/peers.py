"""Other projects' functions, where they are installed."""

from __future__ import annotations

import sys
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[1] / ".peers"
"""Where `make peers` installs, last on the path: peers bring packages that would break ours (another cv2, for one)."""


def import_peer(name: str) -> ModuleType | None:
    """A peer's module, installed beside this project or in .peers; None where it is in neither.

    Args:
        name: dotted, such as `doctr.utils.metrics`.
    """
    package = name.partition(".")[0]
    if not util.find_spec(package) and str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return import_module(name) if util.find_spec(package) else None
