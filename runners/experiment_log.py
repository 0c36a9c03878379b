"""The experiment log: one CSV to which every training appends its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from filelock import FileLock

from baseline_code.atomic import write_bytes_atomic

Row = dict[str, str]

COLUMNS = (
    "time",
    "run",
    "preset",
    "baseline",
    "changes",
    "change_count",
    "monitor",
    "mode",
    "score",
    "epochs",
    "minutes",
    "parameters",
    "seed",
    "commit",
    "status",
)
"""What every row has; scores by their own names follow, and new ones become new columns."""

_SURPLUS = "surplus"  # what a hand-edited row holds beyond its columns
_WAIT = 60.0  # seconds for other runs to finish writing


def append_row(path: Path, row: Mapping[str, str]) -> None:
    """Adds a row, also while other runs add theirs; columns that it brings are added to the table.

    The table is written anew, whole or not at all, under a lock (`<path>.lock`), so that no row is lost.

    Raises:
        OSError: if the file cannot be read or written, or stays locked for a minute.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=_WAIT):
        rows = [*_read(path), dict(row)]
        write_rows(path, rows)


def read_rows(path: Path) -> list[Row]:
    """All rows in the order of their writing; a column that a row lacks is an empty text.

    Raises:
        ValueError: if there is no such table.
    """
    rows = _read(path)
    if not rows or not {"run", "preset", "score"} <= set(rows[0]):
        raise ValueError(
            f"{path}: expected a table of experiments, which runners/train.py and runners/pretrain.py add to"
        )
    return rows


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Writes a table of these rows: the usual columns, then all others in the order of their appearance."""
    others = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, *others], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes_atomic(path, text.getvalue().encode("utf-8", "surrogateescape"))


def _read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    rows = []
    for found in csv.DictReader(io.StringIO(text, newline="")):
        surplus = found.pop(None, None)
        row = {name: value or "" for name, value in found.items()}
        rows.append(row | {_SURPLUS: " ".join(surplus)} if surplus else row)
    return rows
