"""The ledger: one CSV with a row for each submission, and what the leaderboard said of it."""

from __future__ import annotations

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


class ScoredSubmission(NamedTuple):
    """A submission whose CLEval H is known on both sides."""

    name: str
    validation: float  # in [0, 1]
    leaderboard: float  # in [0, 1]


def read_ledger(ledger: Path) -> list[Row]:
    """All rows in the order of their writing.

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
    return rows


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


def scored_on_both(rows: Sequence[Row]) -> list[ScoredSubmission]:
    """The submissions with an H of the validation and of the leaderboard, in order.

    Raises:
        ValueError: naming the submission whose H is no number.
    """
    return [
        ScoredSubmission(Path(row["submission"]).name, _score(row, "val_hmean"), _score(row, "leaderboard_hmean"))
        for row in rows
        if row["val_hmean"] and row["leaderboard_hmean"]
    ]


def _score(row: Row, name: str) -> float:
    try:
        return float(row[name])
    except ValueError as error:
        raise ValueError(f"{row['submission']}: expected {name} as a number, got {row[name]!r}") from error


def _check_ledger(rows: Sequence[Row], ledger: Path) -> None:
    if rows and not {"submission", "csv_sha256", *LEADERBOARD} <= set(rows[0]):
        raise ValueError(f"{ledger}: expected a ledger of submissions, got a table of {', '.join(list(rows[0])[:5])}")
