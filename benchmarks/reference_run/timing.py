"""Seconds of work that a device does while the host goes on."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch


def median_seconds(work: Callable[[], object], device: torch.device) -> float:
    """The median time of ten calls that are timed one by one, after two that do not count."""
    for _ in range(2):
        work()
    return statistics.median(_seconds(work, device) for _ in range(10))


def seconds_per_call(work: Callable[[], object], device: torch.device, seconds: float) -> float:
    """The mean time of calls in a row that the host does not wait for, as in a training.

    Args:
        work: called three times before, of which the last one tells how many calls fill `seconds`, three at least.
        device: that does it.
        seconds: to spend.
    """
    for _ in range(2):
        work()
    calls = max(3, min(100, round(seconds / _seconds(work, device))))
    return _seconds(lambda: [work() for _ in range(calls)], device) / calls


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    _wait(device)
    start = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
