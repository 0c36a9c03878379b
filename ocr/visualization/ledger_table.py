"""The ledger as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from baseline_code.files.csv_table import Row
from baseline_code.files.shown_text import shown_text

_TEXTS = ("submission", "checkpoints", "settings", "note")
_NUMBERS = {
    "images": "images",
    "polygons": "polygons",
    "val_hmean": "val H",
    "leaderboard_precision": "lb P",
    "leaderboard_recall": "lb R",
    "leaderboard_hmean": "lb H",
}
"""Columns shown, by their headings."""

_LONGEST = 1000  # characters of a cell


def sort_ledger(rows: Sequence[Row], sort: str = "leaderboard_hmean") -> list[Row]:
    """The highest value first; texts too, so that `time` puts the latest first. Rows without one come last.

    Among these, and among equal ones, the higher validation H comes first, then the later row.

    Args:
        rows: of the ledger, as written.
        sort: a column.

    Raises:
        ValueError: if there is no such column; it names those that there are.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if rows and sort not in columns:
        raise ValueError(f"expected sort to be a column of the ledger, got {sort!r}; there are {', '.join(columns)}")
    ranks = [(_rank(row.get(sort, "")), _rank(row["val_hmean"]), index) for index, row in enumerate(rows)]
    return [rows[index] for *_, index in sorted(ranks, reverse=True)]


def print_ledger(rows: Sequence[Row], *, console: Console | None = None) -> None:
    """Prints the rows in their order, each column only where some row has a value.

    Of the settings each row shows those that are not the same in all rows; below the table stands what is.

    Args:
        rows: of the ledger.
        console: where to print; standard output where None.
    """
    settings = [row["settings"].split("; ") if row["settings"] else [] for row in rows]
    shared = [one for one in settings[0] if all(one in others for others in settings)] if len(rows) > 1 else []
    shown = [
        row | {"settings": "; ".join(_shortened(one) for one in own if one not in shared)}
        for row, own in zip(rows, settings, strict=True)
    ]
    title = f"{len(rows)} submission{'s' if len(rows) != 1 else ''}"
    caption = shown_text(f"in all of them: {', '.join(map(_shortened, shared))}", _LONGEST) if shared else None
    (console or Console()).print(_table(shown, title, caption))


def _table(rows: Sequence[Row], title: str, caption: str | None) -> Table:
    table = Table(title=title, caption=caption)
    texts = [name for name in _TEXTS if any(row[name] for row in rows)]
    numbers = [name for name in _NUMBERS if any(row[name] for row in rows)]
    for name in texts:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(_NUMBERS[name], justify="right", no_wrap=True)
    for row in rows:
        cells = {name: escape(shown_text(row[name], _LONGEST)) for name in (*texts, *numbers)}
        table.add_row(*(cells[name].replace("; ", "\n") for name in texts), *(cells[name] for name in numbers))
    return table


def _shortened(setting: str) -> str:
    """`models.head.thresh=0.3` -> `thresh=0.3`."""
    return setting.removeprefix("models.head.")


def _rank(text: str) -> tuple[bool, float, str]:
    """Ascending: nothing, texts, numbers."""
    try:
        value = float(text)
    except ValueError:
        return bool(text), -math.inf, text
    return True, value, ""
