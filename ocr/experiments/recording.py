"""A submission's row in the ledger: written as it is made, completed by what the leaderboard said of it."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from baseline_code.files.duplicates import file_sha256
from baseline_code.files.json_file import is_number, read_json_object
from baseline_code.files.names import shown_path
from baseline_code.files.shown_text import current_time
from ocr.experiments.changes import leaves, typed_value
from ocr.experiments.ledger import LEADERBOARD, LEDGER, VALIDATION
from ocr.experiments.provenance import Provenance, find_source, read_provenance, write_provenance
from ocr.experiments.table import Row, edit_table
from ocr.metrics import Ratios
from ocr.submission.leaderboard import read_submission
from ocr.submission.prediction_folder import SUBMISSION

_ADDED_LATER = (*VALIDATION, *LEADERBOARD, "note")
_HASH_SHOWN = 12  # hexadecimal digits that tell checkpoints apart

log = logging.getLogger(__name__)


def record_submission(
    folder: Path,
    *,
    checkpoints: Sequence[Path],
    settings: Mapping[str, Any],
    validation: Mapping[str, float] | None,
    commit: str | None,
    ledger: Path | None,
) -> None:
    """Notes how a submission was made: `provenance.json` beside it, and its row in the ledger.

    The same CSV written into the same folder again keeps its row and what was added to it; another CSV there gets a
    row of its own. A ledger that cannot be written costs a warning, never the submission.

    Args:
        folder: holds `submission.csv` already.
        checkpoints: checkpoints, folders of probability maps or prediction files that it was made of, in order.
        settings: nested JSON values that matter: post-processing, views, weights, calibration.
        validation: `precision`, `recall` and `hmean` (CLEval, in [0, 1]) of exactly these settings, where known.
        commit: of the code, None outside a checkout.
        ledger: the table; None for no row.

    Raises:
        ValueError: if `validation` has other names, or the ledger is another table.
        OSError: if the folder has no CSV, or a checkpoint is missing.
    """
    if validation is not None and set(validation) != set(Ratios._fields):
        raise ValueError(f"expected validation scores {', '.join(Ratios._fields)}, got {', '.join(validation)}")
    provenance = Provenance(
        time=current_time(),
        checkpoints=tuple(find_source(path) for path in checkpoints),
        settings=settings,
        validation=None if validation is None else Ratios(**validation),
        commit=commit,
        csv_sha256=file_sha256(folder / SUBMISSION),
    )
    write_provenance(folder, provenance)
    if ledger is None:
        return
    row = _row(folder, folder / SUBMISSION, provenance)
    try:
        with edit_table(ledger, LEDGER) as rows:
            _replace_or_append(rows, row)
    except OSError as error:
        log.warning("the ledger %s lacks this submission (%s): %s", ledger, error, row)


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
    with edit_table(ledger, LEDGER) as rows:
        row = _find_row(rows, submission, ledger)
        taken = {name: row[name] for name in values if row.get(name) not in ("", None, values[name])}
        if taken and not overwrite:
            raise ValueError(f"{row['submission']} has {taken} already; set overwrite=true to replace it by {values}")
        row.update(values)
    return row


def _row(place: Path, csv: Path, provenance: Provenance | None) -> Row:
    """The row of a CSV, with what its provenance tells.

    Args:
        place: the submission's folder, or the CSV itself where it has none; its name in the ledger.
        csv: the leaderboard CSV.
        provenance: how it was made; one of another CSV tells nothing of this one.

    Raises:
        SubmissionError: if the CSV does not hold.
    """
    polygons = read_submission(csv)
    row = dict.fromkeys(LEDGER.columns, "") | {
        "time": current_time(),
        "submission": shown_path(place),
        "csv_sha256": file_sha256(csv),
        "images": str(len(polygons)),
        "polygons": str(sum(map(len, polygons.values()))),
    }
    if provenance is None or provenance.csv_sha256 != row["csv_sha256"]:
        return row
    scores = [f"{value:.6g}" for value in provenance.validation or ()]
    settings = [
        f"{name}={typed_value(value)}" for name, value in leaves(provenance.settings) if value not in (None, {})
    ]
    return row | {
        "time": provenance.time,
        "checkpoints": "; ".join(f"{path}@{sha256[:_HASH_SHOWN]}" for path, sha256 in provenance.checkpoints),
        "settings": "; ".join(settings),
        "commit": provenance.commit or "",
        **dict(zip(VALIDATION, scores, strict=False)),
    }


def _replace_or_append(rows: list[Row], row: Row) -> None:
    for index, old in enumerate(rows):
        if _is_row_of(old, row["submission"], row["csv_sha256"]):
            rows[index] = old | row | {name: row[name] or old.get(name, "") for name in _ADDED_LATER}
            return
    rows.append(row)


def _find_row(rows: list[Row], submission: Path, ledger: Path) -> Row:
    """The row of a submission, appended where it has none yet."""
    csv = submission / SUBMISSION if submission.is_dir() else submission
    place = submission.parent if submission.name == SUBMISSION else submission
    name = shown_path(place)
    if csv.is_file():
        digest = file_sha256(csv)
        found = [row for row in rows if _is_row_of(row, name, digest)]
        if not found:
            rows.append(_row(place, csv, read_provenance(place)))
        return found[-1] if found else rows[-1]
    found = [row for row in rows if row["submission"] == name]
    if not found:
        alike = difflib.get_close_matches(name, {row["submission"] for row in rows})
        hint = f"; in the ledger: {', '.join(alike)}" if alike else ""
        raise ValueError(f"{submission}: expected a folder with {SUBMISSION}, a CSV or a row of {ledger}{hint}")
    return found[-1]


def _is_row_of(row: Row, name: str, csv_sha256: str) -> bool:
    """Whether a row is of this submission; one written by hand, without a hash, is by its name alone."""
    return row["submission"] == name and row["csv_sha256"] in (csv_sha256, "")


def _score_text(name: str, value: object) -> str:
    if name not in (*VALIDATION, *LEADERBOARD):
        raise ValueError(f"expected scores {', '.join((*VALIDATION, *LEADERBOARD))}, got {name}")
    if not is_number(value, 0, 1):
        raise ValueError(f"expected {name} in [0, 1], got {value!r}; write 0.9801, not 98.01")
    return f"{value:.6g}"


def validated_scores(checkpoint_path: str | Path) -> dict[str, float] | None:
    """Precision, recall and H (CLEval) of the best epoch, from the summary of the run that a checkpoint lies in.

    They hold for the settings of the training only: not with other post-processing, sizes or views. A training that
    went on and was interrupted has no summary of the epochs since: a better checkpoint of these has no known scores.

    Args:
        checkpoint_path: `<run>/checkpoints/best.ckpt`.

    Raises:
        baseline_code.files.json_file.JsonFileError: if the summary is damaged.

    Returns:
        `precision`, `recall`, `hmean`, in [0, 1]; None for any other checkpoint, and without a summary of exactly this
        one or its scores.
    """
    path = Path(checkpoint_path)
    summary = path.parent.resolve().parent / "summary.json"
    if path.name != "best.ckpt" or not summary.is_file():
        return None
    report = read_json_object(summary, "the summary of a run")
    if "best_sha256" in report and report["best_sha256"] != file_sha256(path):
        return None
    best = report.get("best")
    scores = {name: best.get(f"val_{name}") if isinstance(best, dict) else None for name in Ratios._fields}
    known = {name: float(value) for name, value in scores.items() if is_number(value, 0, 1)}
    return known if len(known) == len(scores) else None
