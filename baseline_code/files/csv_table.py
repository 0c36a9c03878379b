"""A CSV table that several processes add to and people edit by hand."""

from __future__ import annotations

import codecs
import csv
import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, count, pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from baseline_code.files.atomic import write_bytes_atomic

Row = dict[str, str]

log = logging.getLogger(__name__)

_SURPLUS = "surplus"  # what a hand-edited row holds beyond its columns
_MAX_CELL = 2**31 - 1  # characters; the csv module refuses more than 131,072 unless told otherwise
_WAIT = 60.0  # seconds for other processes to finish writing


class _Format(NamedTuple):
    """How a table is written down; spreadsheets choose it by their language."""

    delimiter: str = ","
    mark: bytes = b""  # the bytes before the header, by which a spreadsheet knows UTF-8


@contextmanager
def edit_table(path: Path, columns: Sequence[str]) -> Iterator[list[Row]]:
    """The rows, to be changed and added to while nobody else can; written when the block ends without an error.

    The table is written anew, whole or not at all, under a lock (`<path>.lock`), so that no row is lost. Delimiter,
    mark and order of columns stay as the file has them, for people may have it open in a spreadsheet.

    Args:
        path: the table; a missing one has no rows, missing folders are made.
        columns: those that every table has; one that the file lacks comes behind its predecessor.

    Raises:
        OSError: if the file cannot be read or written, or stays locked for a minute.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=_WAIT):
        found, rows, written = _read(path)
        yield rows
        _write(path, rows, _with_missing(found, columns), written)


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
    limit = csv.field_size_limit(_MAX_CELL)
    try:
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
    finally:
        csv.field_size_limit(limit)
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
