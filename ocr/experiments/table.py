"""A CSV table that several processes add to and people edit by hand."""

from __future__ import annotations

import codecs
import csv
import io
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, count, pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.csv_file import long_fields

Row = dict[str, str]

log = logging.getLogger(__name__)

_SURPLUS = "surplus"  # what a hand-edited row holds beyond its columns
_WAIT = 60.0  # seconds for other processes to finish writing


class Kind(NamedTuple):
    """Which table a file should be."""

    name: str  # for messages: "a ledger of submissions"
    columns: tuple[str, ...]  # what every row has; columns that people add stay
    known_by: frozenset[str]  # columns that no other table has
    writers: str  # for messages: what adds rows


class _Format(NamedTuple):
    """How a table is written down; spreadsheets choose it by their language."""

    delimiter: str = ","
    mark: bytes = b""  # the bytes before the header, by which a spreadsheet knows UTF-8


@contextmanager
def edit_table(path: Path, kind: Kind) -> Iterator[list[Row]]:
    """The rows, to be changed and added to while nobody else can; written when the block ends without an error.

    The table is written anew, whole or not at all, under a lock (`<path>.lock`), so that no row is lost. Delimiter,
    mark and order of columns stay as the file has them, for people may have it open in a spreadsheet.

    Args:
        path: the table; a missing one has no rows, missing folders are made.
        kind: its columns; one that the file lacks comes behind its predecessor.

    Raises:
        ValueError: if it is another table.
        OSError: if the file cannot be read or written, or stays locked for a minute.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=_WAIT):
        found, rows, written = _read(path)
        _check_kind(rows, path, kind)
        yield rows
        _write(path, rows, _with_missing(found, kind.columns), written)


def read_rows(path: Path, kind: Kind) -> list[Row]:
    """All rows of a table that must be there, in the order of their writing; a column that they lack is an empty text.

    Raises:
        ValueError: if there is no such table, it has no row, or it is another one.
    """
    rows = read_table(path)
    if not rows:
        raise ValueError(
            f"{path}: expected {kind.name}, found {'no row' if path.is_file() else 'none'}; {kind.writers}"
        )
    _check_kind(rows, path, kind)
    return [dict.fromkeys(kind.columns, "") | row for row in rows]


def read_table(path: Path) -> list[Row]:
    """All rows in the order of their writing; none where there is no file.

    A column that a row lacks is an empty text; what it has too much is kept in a column of its own, and so is the
    second of two columns of the same name. Bytes that are no UTF-8 survive reading and writing, and so do the rows
    behind a quote that nothing closes.
    """
    return _read(path)[1]


def write_table(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    """Writes a table of these rows: `columns` first, then all others in the order of their appearance."""
    _write(path, rows, columns, _Format())


def number_in(row: Mapping[str, str], column: str) -> float:
    """A cell as a number; not a number (nan) where it is empty, missing or a text."""
    try:
        return float(row.get(column) or "nan")
    except ValueError:
        return math.nan


def sort_rows(rows: Sequence[Row], column: str, *, smaller_first: bool = False) -> list[Row]:
    """The highest number first, then texts, the last of the alphabet first: of times the latest.

    Rows without a value come last; equal ones keep their order.

    Args:
        rows: of a table.
        column: to sort by.
        smaller_first: of numbers the lowest first.

    Raises:
        ValueError: if no row has such a column; it names those that there are.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if rows and column not in columns:
        raise ValueError(f"expected sort to be a column of the table, got {column!r}; there are {', '.join(columns)}")

    def rank(row: Row) -> tuple[int, float, str]:
        value, text = number_in(row, column), row.get(column, "")
        if math.isnan(value):
            return int(bool(text)), 0.0, text
        return 2, -value if smaller_first else value, ""

    return sorted(rows, key=rank, reverse=True)


def _check_kind(rows: Sequence[Row], path: Path, kind: Kind) -> None:
    if rows and not kind.known_by <= set(rows[0]):
        raise ValueError(f"{path}: expected {kind.name}, got a table of {', '.join(list(rows[0])[:5])}; {kind.writers}")


def _read(path: Path) -> tuple[list[str], list[Row], _Format]:
    """The columns, the rows and how they are written down."""
    if not path.is_file():
        return [], [], _Format()
    content = path.read_bytes()
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content.removeprefix(mark).decode("utf-8", "surrogateescape")
    first = text.partition("\n")[0]
    written = _Format(max(",;\t", key=first.count), mark)
    lines = [line for line in _records(text, written.delimiter, path) if line]
    columns = _distinct(lines[0]) if lines else []
    return columns, [_row(columns, line) for line in lines[1:]], written


def _records(text: str, delimiter: str, path: Path) -> list[list[str]]:
    """The cells of each row. In a line with a quote that nothing closes, quotes are plain characters.

    The csv module takes all that follows such a quote, however many rows, for one cell.
    """
    lines = list(io.StringIO(text, newline=""))
    records: list[list[str]] = []
    start = 0
    with long_fields():
        while start < len(lines):
            reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
            whole = 0  # lines of the rows so far
            try:
                for record in reader:
                    records.append(record)
                    whole = reader.line_num
                break
            except csv.Error:
                start += whole
                log.warning("%s, line %d: its quotes do not close: they are read as plain characters", path, start + 1)
                records += csv.reader(lines[start : start + 1], delimiter=delimiter, quoting=csv.QUOTE_NONE)
                start += 1
    return records


def _write(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str], written: _Format) -> None:
    names = [*columns, *dict.fromkeys(name for row in rows for name in row if name not in columns)]
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    text = "".join(_line(line, written.delimiter) for line in lines)
    write_bytes_atomic(path, written.mark + text.encode("utf-8", "surrogateescape"))


def _line(cells: Sequence[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\r\n").writerow(cells)  # so that it quotes either line end
    return line.getvalue().removesuffix("\r\n") + "\n"


def _row(columns: Sequence[str], cells: Sequence[str]) -> Row:
    row = dict(zip_longest(columns, cells[: len(columns)], fillvalue=""))
    surplus = [cell for cell in (row.get(_SURPLUS, ""), *cells[len(columns) :]) if cell]
    return row | {_SURPLUS: " ".join(surplus)} if surplus else row


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that differ: the second `a` is `a (2)`."""
    distinct: list[str] = []
    for name in names:
        numbered = (f"{name} ({number})" for number in count(2))
        distinct.append(next(one for one in chain([name], numbered) if one not in distinct))
    return distinct


def _with_missing(found: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The found names in their order, and each missing one of `columns` behind its predecessor there."""
    names = list(found)
    for before, name in pairwise(["", *columns]):
        if name not in names:
            names.insert(names.index(before) + 1 if before in names else 0, name)
    return names
