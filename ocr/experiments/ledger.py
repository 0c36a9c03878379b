"""The ledger: one CSV with a row for each submission, and what the leaderboard said of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ocr.experiments.table import Kind, Row, sort_rows

VALIDATION = ("val_precision", "val_recall", "val_hmean")
LEADERBOARD = ("leaderboard_precision", "leaderboard_recall", "leaderboard_hmean")
LEDGER = Kind(
    name="a ledger of submissions",
    columns=(
        *("time", "submission", "checkpoints", "settings", *VALIDATION, "commit", "csv_sha256", "images", "polygons"),
        *(*LEADERBOARD, "note"),
    ),
    known_by=frozenset({"submission", "csv_sha256", *LEADERBOARD}),
    writers="runners/predict.py adds rows, as does runners/ledger.py add",
)


_BOTH = ("val_hmean", "leaderboard_hmean")


class ScoredSubmission(NamedTuple):
    """A submission whose CLEval H is known on both sides."""

    name: str
    validation: float  # in [0, 1]
    leaderboard: float  # in [0, 1]


def sort_ledger(rows: Sequence[Row], sort: str = "leaderboard_hmean") -> list[Row]:
    """The highest value of a column first, as of `sort_rows`; among equal ones the higher validation H, then the later.

    Raises:
        ValueError: if there is no such column; it names those that there are.
    """
    return sort_rows(sort_rows(rows[::-1], "val_hmean"), sort)


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
