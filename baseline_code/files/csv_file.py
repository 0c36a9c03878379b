"""A CSV file of this project, written in one form."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable

from baseline_code.files.atomic import write_text_atomic


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
