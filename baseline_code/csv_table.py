"""A CSV table that several processes add to and people edit by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from baseline_code.atomic import write_bytes_atomic

Row = dict[str, str]

_SURPLUS = "surplus"  # what a hand-edited row holds beyond its columns
_WAIT = 60.0  # seconds for other processes to finish writing


@contextmanager
def edit_table(path: Path, columns: Sequence[str]) -> Iterator[list[Row]]:
    """The rows, to be changed and added to while nobody else can; written when the block ends without an error.

    The table is written anew, whole or not at all, under a lock (`<path>.lock`), so that no row is lost.

    Args:
        path: the table; a missing one has no rows, missing folders are made.
        columns: as of `write_table`.

    Raises:
        OSError: if the file cannot be read or written, or stays locked for a minute.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=_WAIT):
        rows = read_table(path)
        yield rows
        write_table(path, rows, columns)


def read_table(path: Path) -> list[Row]:
    """All rows in the order of their writing; none where there is no file.

    A column that a row lacks is an empty text; what it has too much is kept in a column of its own. Bytes that are no
    UTF-8 survive reading and writing.
    """
    if not path.is_file():
        return []
    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    rows = []
    for found in csv.DictReader(io.StringIO(text, newline="")):
        surplus = found.pop(None, None)
        row = {name: value or "" for name, value in found.items()}
        rows.append(row | {_SURPLUS: " ".join(surplus)} if surplus else row)
    return rows


def write_table(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    """Writes a table of these rows: `columns` first, then all others in the order of their appearance."""
    others = dict.fromkeys(name for row in rows for name in row if name not in columns)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, *others], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes_atomic(path, text.getvalue().encode("utf-8", "surrogateescape"))
