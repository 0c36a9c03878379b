"""The experiment log as a table for people: sorted, with the difference to the baseline and the cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from baseline_code.files.csv_table import Row
from baseline_code.files.shown_text import shown_text

MARK = "more than one change"
_LONGEST = 1000  # characters of a cell
_SMALLER_IS_BETTER = ("loss", "minutes", "parameters", "epochs")


def ranked(rows: Sequence[Row], sort: str = "score") -> list[Row]:
    """Rows by preset and monitored score, the best first, each with its `difference` to its baseline.

    The baseline of a row is the run that it names, or else the first finished run of its preset without changes.
    Rows with more than one change against it get a `mark`, for then nobody can say which of them did it.

    Args:
        rows: of the log.
        sort: column to compare by; of `score` each row knows the direction, of others a loss or a cost is better small.

    Raises:
        ValueError: if no row has such a column; it names those that there are.
    """
    names = {name for row in rows for name in row}
    if rows and sort not in names:
        raise ValueError(
            f"expected sort to be a column of the table, got {sort!r}; there are {', '.join(sorted(names))}"
        )
    found = []
    for row in rows:
        baseline = _baseline(row, rows)
        difference = value_of(row, sort) - value_of(baseline, sort) if baseline else math.nan
        mark = "baseline" if baseline is row else MARK if value_of(row, "change_count") > 1 else ""
        found.append({**row, "difference": "" if math.isnan(difference) else f"{difference:+.4g}", "mark": mark})
    return sorted(found, key=lambda row: (row["preset"], row["monitor"], _rank(row, sort)))


def print_experiments(rows: Sequence[Row], *, sort: str = "score", console: Console | None = None) -> None:
    """Prints ranked rows, a table for each preset and monitored score, with people's notes below the changes."""
    console = console or Console()
    for (preset, monitor), group in groupby(rows, key=lambda row: (row["preset"], row["monitor"])):
        score = monitor if sort == "score" else sort
        table = Table(title=f"{preset}, by {score}; in minutes and millions of weights")
        table.add_column("run", overflow="fold", min_width=12)
        table.add_column("changes", overflow="fold", min_width=20)
        for name in (score, "±", "epochs", "min", "M"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in group:
            table.add_row(*_cells(row, sort))
        console.print(table)


def shortened_change(change: str) -> str:
    """`models.optimizer.lr=0.1` -> `optimizer.lr=0.1`."""
    key, _, value = change.partition("=")
    return f"{'.'.join(key.split('.')[-2:])}={value}"


def value_of(row: Row, name: str) -> float:
    """A cell as a number; not a number (nan) where it is empty, missing or a text."""
    try:
        return float(row.get(name) or "nan")
    except ValueError:
        return math.nan


def _cells(row: Row, sort: str) -> list[str | Text]:
    row = {name: shown_text(text, _LONGEST) for name, text in row.items()}
    run = row["run"].removeprefix(f"outputs/{row['preset']}/")
    remarks = [] if row["status"] == "finished" else [row["status"]]
    remarks += [row["mark"]] if row["mark"] else []
    settings = [shortened_change(change) for change in row["changes"].split("; ") if change]
    lines = [*settings, *(f"({remark})" for remark in remarks)]
    notes = [Text(note, style="italic") for note in row.get("note", "").splitlines() if note.strip()]
    weights = value_of(row, "parameters") / 1e6
    cost = [row["epochs"], row["minutes"], "" if math.isnan(weights) else f"{weights:.2f}"]
    changes = Text("\n").join([*map(Text, lines), *notes])
    return [Text(run), changes, row.get(sort, ""), row["difference"], *cost]


def _baseline(row: Row, rows: Sequence[Row]) -> Row | None:
    finished = [other for other in rows if other["status"] == "finished" and other["monitor"] == row["monitor"]]
    named = [other for other in finished if other["run"] == row["baseline"]]
    if named:
        return named[-1]
    unchanged = (other for other in finished if other["baseline"] == row["baseline"] == other["preset"])
    return next((other for other in unchanged if other["change_count"] == "0"), None)


def _rank(row: Row, sort: str) -> tuple[bool, float]:
    """Ascending: the best first, rows without a value last."""
    value = value_of(row, sort)
    smaller = row["mode"] == "min" if sort == "score" else sort.endswith(_SMALLER_IS_BETTER)
    return math.isnan(value), value if smaller else -value
