"""Tables that fit a terminal or a pipe of any width: nothing is folded or torn but sentences, between words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

_BORDERS = 3  # characters for each column, and one more for the table


class Column(NamedTuple):
    """One column of a table.

    A column without `least` is never shortened, and stands at the right as numbers do.
    """

    heading: str
    cells: Sequence[str | Text]
    least: int = 0  # characters to which names may be shortened where there is no room
    wraps: bool = False  # sentences go on in the next line, and only their long words are shortened
    dispensable: int = 0  # where there is no room, the columns with the highest number are left out first; 0 stays

    @property
    def width(self) -> int:
        """Characters that it needs to be shown whole."""
        texts = [self.heading, *(str(cell) for cell in self.cells)]
        return max(cell_len(line) for text in texts for line in text.split("\n"))

    @property
    def least_width(self) -> int:
        """Characters that it needs at least."""
        return min(self.width, max(self.least, cell_len(self.heading))) if self.least else self.width


def print_table(title: str, columns: Sequence[Column], *, caption: str | None = None) -> None:
    """Prints columns side by side, each row in one line where no cell has several.

    Where there is no room for all, names are shortened in their middle, then whole columns are left out; a line below
    names these and the width that shows them.

    Args:
        title: above the table.
        columns: all of the same length.
        caption: below the table.
    """
    console = Console()
    shown = _columns_with_room(columns, console.width)
    widths = _widths(shown, console.width)
    table = Table(title=title, caption=caption)
    for column, width in zip(shown, widths, strict=True):
        table.add_column(column.heading, justify="left" if column.least else "right", width=width)
    for cells in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*(_fitted(*cell) for cell in zip(cells, shown, widths, strict=True)))
    console.print(table)
    missing = [f'"{column.heading}"' for column in columns if column not in shown]
    if missing:
        needed = _BORDERS * len(columns) + 1 + sum(column.least_width for column in columns)
        console.print(
            f"no room for {', '.join(missing)}: put COLUMNS={needed} in front of the command", style="dim", markup=False
        )


def shortened(text: str, width: int) -> str:
    """A name of at most so many characters, its middle replaced by `…`: more of its end stays than of its beginning."""
    if cell_len(text) <= width:
        return text
    head = (width - 1) * 2 // 5
    tail = max(width - 1 - head, 0)
    return f"{set_cell_size(text, head)}…{set_cell_size(text[::-1], tail)[::-1]}"


def _columns_with_room(columns: Sequence[Column], width: int) -> list[Column]:
    """Without the most dispensable ones until the least widths of the others have room."""
    shown = list(columns)
    while _BORDERS * len(shown) + 1 + sum(column.least_width for column in shown) > width:
        dispensable = max(shown, key=lambda column: column.dispensable)
        if not dispensable.dispensable:
            break
        shown.remove(dispensable)
    return shown


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """What each needs at least, and of the room that is left as much as it can use, the first ones first."""
    widths = [column.least_width for column in columns]
    left = max(width - _BORDERS * len(columns) - 1 - sum(widths), 0)
    for index, column in enumerate(columns):
        more = min(column.width - widths[index], left)
        widths[index] += more
        left -= more
    return widths


def _fitted(cell: str | Text, column: Column, width: int) -> Text:
    text = cell if isinstance(cell, Text) else Text(cell)
    if all(cell_len(line) <= width for line in text.plain.split("\n")):
        return text
    lines = []
    for line in text.split("\n"):
        words = line.plain.split(" ") if column.wraps else [line.plain]
        style = line.spans[0].style if line.spans else line.style
        lines.append(Text(" ".join(shortened(word, width) for word in words), style=style))
    return Text("\n").join(lines)
