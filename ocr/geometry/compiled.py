"""Compile plain numeric loops with numba, keeping their signatures for the type checker."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

PACKAGE = Path(__file__).resolve().parents[1]


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Machine code for a loop over arrays, made at the first call and cached on disk; it lets other threads run.

    The compiler may reorder sums, fuse operations and take it that nothing is NaN or infinite.
    """
    return _compile(function, fastmath=True)


def exact(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same with every operation done as written, in IEEE 754: the result is NumPy's to the last bit.

    For loops that decide by it: truncation, ties, points on a polygon. A division by 0 gives inf or NaN, as in NumPy.
    """
    return _compile(function, error_model="numpy")


def _compile(function: Callable[Parameters, Result], **options: Any) -> Callable[Parameters, Result]:  # noqa: ANN401
    config: Any = numba.config
    usual = config.CACHE_DIR
    config.CACHE_DIR = str(Path(usual or PACKAGE / "__pycache__") / f"numba-{sources_digest(PACKAGE)}")
    try:
        return cast("Callable[Parameters, Result]", numba.njit(cache=True, nogil=True, **options)(function))
    finally:
        config.CACHE_DIR = usual


@cache
def sources_digest(package: Path) -> str:
    """Hash of all modules with compiled loops: numba notices changes of a loop's own file, not of those it calls.

    Args:
        package: folder whose modules are looked through.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        content = path.read_bytes()
        if b"import compiled" in content or b"import exact" in content or path == Path(__file__).resolve():
            digest.update(content)
    return digest.hexdigest()[:16]
