"""The experiment log: one CSV to which every training appends its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from baseline_code.files.csv_table import Row, edit_table, read_table, write_table

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
    "note",
    "epochs",
    "minutes",
    "parameters",
    "seed",
    "commit",
    "status",
)
"""What every row has; scores by their own names follow, and new ones become new columns."""


def append_row(path: Path, row: Mapping[str, str]) -> None:
    """Adds a row, also while other runs add theirs; columns that it brings are added to the table.

    Raises:
        OSError: if the file cannot be read or written, or stays locked for a minute.
    """
    with edit_table(path, COLUMNS) as rows:
        rows.append(dict(row))


def read_rows(path: Path) -> list[Row]:
    """All rows in the order of their writing; a column that they lack is an empty text.

    Raises:
        ValueError: if there is no such table.
    """
    rows = read_table(path)
    if not rows or not {"run", "preset", "score"} <= set(rows[0]):
        raise ValueError(
            f"{path}: expected a table of experiments, which runners/train.py and runners/pretrain.py add to"
        )
    return [dict.fromkeys(COLUMNS, "") | row for row in rows]


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Writes a table of these rows: the usual columns, then all others in the order of their appearance."""
    write_table(path, rows, COLUMNS)
