"""The ledger and the experiment log as tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from baseline_code.files.shown_text import shown_text
from ocr.experiments.changes import shortened_change
from ocr.experiments.table import Row, number_in
from ocr.visualization.tables import Column, print_table

_LEDGER_NUMBERS = {
    "images": ("images", 2),
    "polygons": ("polygons", 2),
    "val_hmean": ("val H", 0),
    "leaderboard_precision": ("lb P", 1),
    "leaderboard_recall": ("lb R", 1),
    "leaderboard_hmean": ("lb H", 0),
}
"""Columns of the ledger: their headings, and how soon a narrow window goes without them."""
_LEDGER_TEXTS = {"checkpoints": 5, "settings": 4, "note": 3}
_LONGEST = 1000  # characters of a cell


def print_ledger(rows: Sequence[Row]) -> None:
    """Prints the rows in their order, each column only where some row has a value.

    Of the settings each row shows those that are not the same in all rows; below the table stands what is.

    Args:
        rows: of the ledger.
    """
    rows = _readable(rows)
    settings = [row["settings"].split("; ") if row["settings"] else [] for row in rows]
    shared = [one for one in settings[0] if all(one in others for others in settings)] if len(rows) > 1 else []
    shown = [
        row | {"settings": "; ".join(_shortened(one) for one in own if one not in shared)}
        for row, own in zip(rows, settings, strict=True)
    ]
    columns = [Column("submission", [row["submission"] for row in rows], least=24)]
    for name, dispensable in _LEDGER_TEXTS.items():
        cells = [row[name].replace("; ", "\n") for row in shown]
        columns.append(Column(name, cells, least=24, wraps=name == "note", dispensable=dispensable))
    columns += [
        Column(heading, [row[name] for row in shown], dispensable=dispensable)
        for name, (heading, dispensable) in _LEDGER_NUMBERS.items()
    ]
    print_table(
        f"{len(rows)} submission{'s' if len(rows) != 1 else ''}",
        [column for column in columns if any(column.cells)],
        caption=f"in all of them: {', '.join(map(_shortened, shared))}" if shared else None,
    )


def print_experiments(rows: Sequence[Row], *, sort: str = "score") -> None:
    """Prints ranked rows, a table for each preset and monitored score, with people's notes below the changes.

    Args:
        rows: of the log, as `ranked` gives them.
        sort: the column that they were ranked by.
    """
    for (preset, monitor), group in groupby(_readable(rows), key=lambda row: (row["preset"], row["monitor"])):
        runs = list(group)
        score = monitor if sort == "score" else sort
        weights = ["" if not row["parameters"] else f"{number_in(row, 'parameters') / 1e6:.2f}" for row in runs]
        columns = [
            Column("run", [row["run"].removeprefix(f"outputs/{preset}/") for row in runs], least=19),
            Column("changes", [_changes(row) for row in runs], least=30, wraps=True),
            Column(score, [row.get(sort, "") for row in runs]),
            Column("±", [row["difference"] for row in runs]),
            Column("epochs", [row["epochs"] for row in runs], dispensable=2),
            Column("min", [row["minutes"] for row in runs], dispensable=1),
            Column("M", weights, dispensable=3),
        ]
        title = f"{preset}, by {score}; in minutes and millions of weights"
        print_table(title, columns)


def _readable(rows: Sequence[Row]) -> list[Row]:
    """Rows as terminals can show them, however long a cell is and whatever it holds."""
    return [{name: shown_text(text, _LONGEST) for name, text in row.items()} for row in rows]


def _changes(row: Row) -> Text:
    """A line for each change, what else is to be said of the run, and the note."""
    remarks = [] if row["status"] == "finished" else [row["status"]]
    remarks += [row["mark"]] if row["mark"] else []
    settings = [shortened_change(change) for change in row["changes"].split("; ") if change]
    lines = [*settings, *(f"({remark})" for remark in remarks)]
    notes = [Text(note, style="italic") for note in row.get("note", "").splitlines() if note.strip()]
    return Text("\n").join([*map(Text, lines), *notes])


def _shortened(setting: str) -> str:
    """`models.head.thresh=0.3` -> `thresh=0.3`."""
    return setting.removeprefix("models.head.")
