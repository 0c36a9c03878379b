"""The experiment log: one CSV to which every training appends its row, and the order in which runs are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from ocr.experiments.changes import PLACES
from ocr.experiments.table import Kind, Row, edit_table, number_in, sort_rows

LOG = Kind(
    name="a table of experiments",
    columns=(
        *("time", "run", "preset", "baseline", "changes", "change_count", "monitor", "mode", "score", "note"),
        *("epochs", "minutes", "parameters", "seed", "commit", "status"),
    ),
    known_by=frozenset({"run", "preset", "score"}),
    writers="runners/train.py and runners/pretrain.py add rows",
)
"""Scores by their own names follow, and new ones become new columns."""

MARK = "more than one change"
_SMALLER_IS_BETTER = ("loss", "minutes", "parameters", "epochs")
_OF_IMAGES = frozenset(PLACES) - {"datasets.folds"}


def append_row(path: Path, row: Mapping[str, str]) -> None:
    """Adds a row, also while other runs add theirs; columns that it brings are added to the table.

    Raises:
        ValueError: if the file is another table.
        OSError: if the file cannot be read or written, or stays locked for a minute.
    """
    with edit_table(path, LOG) as rows:
        rows.append(dict(row))


def ranked(rows: Sequence[Row], sort: str = "score") -> list[Row]:
    """Rows by preset and monitored score, the best first, each with its `difference` to its baseline.

    The baseline of a row is the run that it names, or else the first finished run of its preset without changes, on the
    same data and of the same fold: others validate on other images. Rows with more than one change against it get a
    `mark`, for then nobody can say which of them did it.

    Args:
        rows: of the log.
        sort: column to compare by; of `score` each row knows the direction, of others a loss or a cost is better small.

    Raises:
        ValueError: if no row has such a column; it names those that there are.
    """
    compared = [row | _against_baseline(row, rows, sort) for row in rows]
    ordered: list[Row] = []
    for _, group in groupby(sorted(compared, key=_preset_and_monitor), key=_preset_and_monitor):
        runs = list(group)
        smaller = runs[0]["mode"] == "min" if sort == "score" else sort.endswith(_SMALLER_IS_BETTER)
        ordered += sort_rows(runs, sort, smaller_first=smaller)
    return ordered


def _preset_and_monitor(row: Row) -> tuple[str, str]:
    return row["preset"], row["monitor"]


def _against_baseline(row: Row, rows: Sequence[Row], sort: str) -> Row:
    baseline = _baseline(row, rows)
    difference = number_in(row, sort) - number_in(baseline, sort) if baseline else math.nan
    mark = "baseline" if baseline is row else MARK if number_in(row, "change_count") > 1 else ""
    return {"difference": "" if math.isnan(difference) else f"{difference:+.4g}", "mark": mark}


def _baseline(row: Row, rows: Sequence[Row]) -> Row | None:
    finished = [other for other in rows if other["status"] == "finished" and other["monitor"] == row["monitor"]]
    named = [other for other in finished if other["run"] == row["baseline"]]
    if named:
        return named[-1]
    unchanged = (other for other in finished if other["baseline"] == row["baseline"] == other["preset"])
    same_images = (other for other in unchanged if _images(other) == _images(row))
    return next((other for other in same_images if other["change_count"] == "0"), None)


def _images(row: Row) -> set[str]:
    """The changes that say where a run's data lie, and which fold of them it is; folds lie in many files."""
    return {change for change in row["changes"].split("; ") if change.partition("=")[0] in _OF_IMAGES}
