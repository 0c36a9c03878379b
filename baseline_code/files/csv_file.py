"""CSV files: written in one form, read with fields of any length."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from baseline_code.files.atomic import write_text_atomic

MAX_FIELD_CHARACTERS = 2**31 - 1


def write_csv(path: str | os.PathLike[str], rows: Iterable[Iterable[object]]) -> None:
    r"""Writes a CSV file, whole or not at all: UTF-8 without a byte order mark, commas, `\n` after each row.

    Args:
        path: where to; missing folders are made.
        rows: the header first; None is an empty cell.

    Raises:
        OSError: if it cannot be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text_atomic(path, text.getvalue())


@contextmanager
def long_fields() -> Iterator[None]:
    """Lifts the csv module's limit of a field's length, 131,072 characters for all readers, for a while."""
    limit = csv.field_size_limit(MAX_FIELD_CHARACTERS)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
