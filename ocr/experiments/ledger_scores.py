"""What the leaderboard said is added to the ledger."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from baseline_code.files.csv_table import Row
from baseline_code.files.names import shown_path
from ocr.experiments.ledger import LEADERBOARD, VALIDATION, edit_ledger
from ocr.experiments.ledger_row import is_row_of, ledger_row
from ocr.experiments.provenance import read_provenance
from ocr.probability_maps.digests import file_sha256
from ocr.submission.prediction_folder import SUBMISSION


def add_to_ledger(
    ledger: Path, submission: Path, *, scores: Mapping[str, float], note: str | None = None, overwrite: bool = False
) -> Row:
    """Adds what is known of a submission later, such as its leaderboard score.

    Args:
        ledger: the table; a missing one is begun.
        submission: a folder with `submission.csv` or any leaderboard CSV, recorded already or not; or the name of a row
            whose files are gone. Of several rows of one folder, the one whose CSV lies there now; else the newest.
        scores: columns of `VALIDATION` and `LEADERBOARD`, in [0, 1].
        note: any text.
        overwrite: replace what is there already.

    Returns:
        The row as it is now.

    Raises:
        ValueError: if a score is outside [0, 1] or there already, nothing is given, the submission is unknown, or the
            ledger is another table.
    """
    values = {name: _score_text(name, value) for name, value in scores.items()} | ({"note": note} if note else {})
    if not values:
        raise ValueError(f"expected something to add, got nothing; give {', '.join(f'{n}=…' for n in LEADERBOARD)}")
    with edit_ledger(ledger) as rows:
        row = _find_row(rows, submission, ledger)
        taken = {name: row[name] for name in values if row.get(name) not in ("", None, values[name])}
        if taken and not overwrite:
            raise ValueError(f"{row['submission']} has {taken} already; set overwrite=true to replace it by {values}")
        row.update(values)
    return row


def _find_row(rows: list[Row], submission: Path, ledger: Path) -> Row:
    """The row of a submission, appended where it has none yet."""
    csv = submission / SUBMISSION if submission.is_dir() else submission
    place = submission.parent if submission.name == SUBMISSION else submission
    name = shown_path(place)
    if csv.is_file():
        digest = file_sha256(csv)
        found = [row for row in rows if is_row_of(row, name, digest)]
        if not found:
            rows.append(ledger_row(place, csv, read_provenance(place)))
        return found[-1] if found else rows[-1]
    found = [row for row in rows if row["submission"] == name]
    if not found:
        alike = difflib.get_close_matches(name, {row["submission"] for row in rows})
        hint = f"; in the ledger: {', '.join(alike)}" if alike else ""
        raise ValueError(f"{submission}: expected a folder with {SUBMISSION}, a CSV or a row of {ledger}{hint}")
    return found[-1]


def _score_text(name: str, value: object) -> str:
    if name not in (*VALIDATION, *LEADERBOARD):
        raise ValueError(f"expected scores {', '.join((*VALIDATION, *LEADERBOARD))}, got {name}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"expected {name} in [0, 1], got {value!r}; write 0.9801, not 98.01")
    return f"{value:.6g}"
