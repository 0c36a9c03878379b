"""Compile plain numeric loops with numba where it is installed, keeping their signatures for the type checker."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

try:
    import numba
except ImportError:  # not installed, or made for another NumPy
    HAS_NUMBA = False
else:
    HAS_NUMBA = True

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Loop = Callable[Parameters, Result]

PACKAGE = Path(__file__).resolve().parents[1]

log = logging.getLogger(__name__)


def compiled(function: Loop[Parameters, Result]) -> Loop[Parameters, Result]:
    """Machine code for a loop over arrays, made at the first call and cached on disk; it lets other threads run.

    The compiler may reorder sums, fuse operations and take it that nothing is NaN or infinite. Without numba the
    function stays as it is: the same results but for rounding, some hundred times slower.
    """
    return _compile(function, fastmath=True)


def exact(function: Loop[Parameters, Result]) -> Loop[Parameters, Result]:
    """The same with every operation done as written, in IEEE 754: the result is NumPy's to the last bit.

    For loops that decide by it: truncation, ties, points on a polygon. A division by 0 gives inf or NaN, as in NumPy.
    """
    return _compile(function, error_model="numpy")


def without_numba(plain: Loop[Parameters, Result]) -> Callable[[Loop[Parameters, Result]], Loop[Parameters, Result]]:
    """Decorate a compiled loop over pixels or many points: where numba is not installed, `plain` takes its place.

    Args:
        plain: does the same with NumPy or OpenCV, equal but for rounding.
    """
    return lambda loop: loop if HAS_NUMBA else plain


def _compile(function: Loop[Parameters, Result], **options: Any) -> Loop[Parameters, Result]:  # noqa: ANN401
    if not HAS_NUMBA:
        return function
    config: Any = numba.config
    usual, folder = config.CACHE_DIR, cache_folder(config.CACHE_DIR)
    config.CACHE_DIR = usual if folder is None else str(folder / f"numba-{sources_digest(PACKAGE)}")
    try:
        compiler = numba.njit(cache=folder is not None, nogil=True, **options)
        return cast("Loop[Parameters, Result]", compiler(function))
    finally:
        config.CACHE_DIR = usual


@cache
def cache_folder(chosen: str) -> Path | None:
    """Where machine code is kept: the first folder that can be written to; never one among installed packages.

    Args:
        chosen: by NUMBA_CACHE_DIR; empty where it is not set. After it come the `__pycache__` of a checkout and the
            user's folder for caches.

    Returns:
        None, after a warning, where no folder can be written to.
    """
    folders = list(_cache_folders(chosen))
    for folder in folders:
        if _is_writable(folder):
            return folder
    log.warning(
        "no folder to keep compiled loops in (%s): each start compiles them again; set NUMBA_CACHE_DIR to a folder",
        ", ".join(map(str, folders)),
    )
    return None


def _cache_folders(chosen: str) -> Iterator[Path]:
    if chosen:
        yield Path(chosen)
    if (PACKAGE.parent / "pyproject.toml").is_file():
        yield PACKAGE / "__pycache__"
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  # Path.expanduser raises
    yield Path(caches) / "dbnet-training"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


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
