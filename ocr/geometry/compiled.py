"""Compile plain numeric loops with numba, keeping their signatures for the type checker."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Machine code for a loop over arrays, made at the first call and cached on disk; it lets other threads run."""
    return cast("Callable[Parameters, Result]", numba.njit(cache=True, fastmath=True, nogil=True)(function))
