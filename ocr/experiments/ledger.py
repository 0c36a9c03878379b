"""The ledger: one CSV with a row for each submission, and what the leaderboard said of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from baseline_code.files.csv_table import Row, edit_table, read_table

VALIDATION = ("val_precision", "val_recall", "val_hmean")
LEADERBOARD = ("leaderboard_precision", "leaderboard_recall", "leaderboard_hmean")
COLUMNS = (
    "time",
    "submission",
    "checkpoints",
    "settings",
    *VALIDATION,
    "commit",
    "csv_sha256",
    "images",
    "polygons",
    *LEADERBOARD,
    "note",
)
"""What every row has; columns that people add stay."""


_BOTH = ("val_hmean", "leaderboard_hmean")


class ScoredSubmission(NamedTuple):
    """A submission whose CLEval H is known on both sides."""

    name: str
    validation: float  # in [0, 1]
    leaderboard: float  # in [0, 1]


def read_ledger(ledger: Path) -> list[Row]:
    """All rows in the order of their writing; a column that they lack is an empty text.

    Raises:
        ValueError: if there is no such table, or it is another one.
    """
    rows = read_table(ledger)
    _check_ledger(rows, ledger)
    if not rows:
        raise ValueError(
            f"{ledger}: expected a ledger with submissions, found none; runners/predict.py adds them, as does "
            "runners/ledger.py add"
        )
    return [dict.fromkeys(COLUMNS, "") | row for row in rows]


@contextmanager
def edit_ledger(ledger: Path) -> Iterator[list[Row]]:
    """The rows, to be changed and added to; written when the block ends without an error, as of `edit_table`.

    Raises:
        ValueError: if it is another table.
        OSError: if it cannot be read or written, or stays locked for a minute.
    """
    with edit_table(ledger, COLUMNS) as rows:
        _check_ledger(rows, ledger)
        yield rows


def scored_on_both(rows: Sequence[Row], ledger: Path) -> list[ScoredSubmission]:
    """The submissions with an H of the validation and of the leaderboard, in order.

    Args:
        rows: of the ledger.
        ledger: its file, for the message.

    Raises:
        ValueError: naming the submission whose H is no number in [0, 1].
    """
    return [
        ScoredSubmission(Path(row["submission"]).name, *(_score(row, name, ledger) for name in _BOTH))
        for row in rows
        if all(row[name] for name in _BOTH)
    ]


def _score(row: Row, name: str, ledger: Path) -> float:
    try:
        score = float(row[name])
    except ValueError:
        score = math.nan
    if not 0 <= score <= 1:
        raise ValueError(f"{ledger}: {row['submission']}: expected {name} as a number in [0, 1], got {row[name]!r}")
    return score


def _check_ledger(rows: Sequence[Row], ledger: Path) -> None:
    if rows and not {"submission", "csv_sha256", *LEADERBOARD} <= set(rows[0]):
        raise ValueError(f"{ledger}: expected a ledger of submissions, got a table of {', '.join(list(rows[0])[:5])}")
