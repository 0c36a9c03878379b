"""How many processes load data."""

from __future__ import annotations

import os
from typing import Literal

import torch

Workers = int | Literal["auto"]
"""Processes per loader; 0 loads in the main process."""

MOST = 16


def count_workers(setting: Workers) -> int:
    """The number of loading processes that a setting means on this machine.

    Args:
        setting: a number, which is taken as it is, or `auto`. With CUDA devices that is each device's fraction of the
            cores, at most `MOST`. Without one the network computes on the cores itself, and is slower than one process
            (on up to three cores) or two.

    Raises:
        ValueError: for another word, or a number below 0.
    """
    if setting == "auto":
        devices = torch.cuda.device_count()
        return max(1, min(MOST, _cores() // devices if devices else min(2, _cores() // 2)))
    if type(setting) is not int or setting < 0:
        raise ValueError(f"expected datasets.num_workers to be auto or a number from 0, got {setting!r}")
    return setting


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
