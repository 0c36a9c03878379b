"""What the machine has, what the pack brings, and how much of it travels."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MODULES = (
    *("albumentations", "antlr4", "cv2", "filelock", "huggingface_hub", "hydra", "matplotlib", "numba", "omegaconf"),
    *("optuna", "PIL", "pyclipper", "pydantic", "pytest", "pytorch_lightning", "rich", "safetensors", "scipy"),
    *("shapely", "tensorboard", "timm", "torch", "torchmetrics", "torchvision"),
)
"""What a run imports. The pack brings the wheels below; the rest the machine must have, numba and scipy among it:
the compiler that numba needs (llvmlite) is 57 MiB, and without it the compiled loops would give other results."""

WHEELS = (
    *("albucore", "albumentations", "annotated-types", "colorlog", "hydra-core", "iniconfig", "omegaconf", "optuna"),
    *("pluggy", "pyclipper", "pydantic", "pydantic_core", "pytest", "shapely", "simsimd", "stringzilla"),
    *("typing-inspection", "typing_extensions"),
)
"""Wheels from the package index, and no package that they need in turn (colorlog is all that optuna imports)."""

SOURCES = ("antlr4-python3-runtime",)
"""Pure Python that the index has as source only."""

MIB = 2**20
LIMIT = 60 * MIB

PACK = "pack.json"
"""Lies beside the receipts and says what they are, and which commit packed them."""


def missing_modules() -> list[str]:
    """Those of `MODULES` that cannot be imported here."""
    return [name for name in MODULES if importlib.util.find_spec(name) is None]


def pinned(names: Iterable[str]) -> list[str]:
    """`name==version` as the tests ran with it.

    Args:
        names: of packages; case and dashes do not matter.

    Raises:
        ValueError: naming a package that it does not pin.
    """
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = {_canonical(line.partition("==")[0]): line.strip() for line in lines if "==" in line}
    unknown = [name for name in names if _canonical(name) not in pins]
    if unknown:
        raise ValueError(f"expected a pin of {', '.join(unknown)} in requirements.txt, got none")
    return [pins[_canonical(name)] for name in names]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
