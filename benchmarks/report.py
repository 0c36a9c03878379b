"""Timing functions side by side, and telling people and programs about it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numba
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

WIDTH_IN_FILES = 200

Row = Mapping[str, str | int | float]
"""One line of a table: a value per column, numbers in the unit that the column's name says."""


class Timing(NamedTuple):
    """Milliseconds per call."""

    median: float
    fastest: float
    slowest: float


def argument_parser(description: str | None, *, rounds: int = 21) -> argparse.ArgumentParser:
    """The command line that all benchmarks have: `--json PATH` and `--rounds N`.

    Args:
        description: shown by `--help`.
        rounds: default of `--rounds`.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="also write the table to this file")
    parser.add_argument(
        "--rounds", type=int, default=rounds, help="how often everything is timed (default: %(default)s)"
    )
    return parser


def use_one_thread() -> None:
    """Keep OpenCV and torch to one thread, so that times are those of one core."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def time_in_turn(functions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Time functions in turn, A B C A B C …, so that a machine whose speed drifts treats all alike.

    Each is called once before, uncounted: compilers and caches are warm.

    Args:
        functions: by name.
        rounds: how often each is timed, >= 1.
    """
    for function in functions.values():
        function()
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    return {
        name: Timing(1e3 * statistics.median(times), 1e3 * min(times), 1e3 * max(times))
        for name, times in seconds.items()
    }


def timing_rows(work: str, timings: Mapping[str, Timing], *, divisor: int = 1) -> list[Row]:
    """One row per function; the first one is ours, and `times ours` compares the medians with it.

    Args:
        work: what all of them do.
        timings: by function.
        divisor: how many pieces (images, say) each call worked through.
    """
    ours = next(iter(timings.values())).median
    return [
        {
            "work": work,
            "by": name,
            "median ms": timing.median / divisor,
            "fastest ms": timing.fastest / divisor,
            "slowest ms": timing.slowest / divisor,
            "times ours": timing.median / ours,
        }
        for name, timing in timings.items()
    ]


def publish(title: str, rows: Sequence[Row], path: Path | None = None, *, note: str = "") -> None:
    """Print the rows as a table and, where `path` is given, write them as JSON with the machine that they came from.

    Args:
        title: of the table.
        rows: their keys, in order of appearance, are the columns.
        path: `{"title", "note", "machine": {…}, "rows": [{…}]}`, or None.
        note: printed below the table.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = Table(*columns, title=title, caption=note or None)
    for row in rows:
        table.add_row(*(_format(row.get(column, "")) for column in columns))
    console = Console()
    if not console.is_terminal:  # a file has room
        console.width = max(console.width, WIDTH_IN_FILES)
    console.print(table)
    if path is not None:
        content = {"title": title, "note": note, "machine": describe_machine(), "rows": [dict(row) for row in rows]}
        path.write_text(json.dumps(content, indent=2) + "\n")


def describe_machine() -> dict[str, str | int]:
    """Processor, cores, accelerator and versions."""
    cpus = Path("/proc/cpuinfo")  # of Linux
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count() or 1,
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "opencv": cv2.__version__,
        "numba": numba.__version__,
        "numpy": np.__version__,
    }


def _format(value: str | int | float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
