"""A submission is recorded as it is written: its provenance beside it, its row in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from baseline_code.files.csv_table import Row
from baseline_code.files.digests import file_sha256
from ocr.experiments.ledger import LEADERBOARD, VALIDATION, edit_ledger
from ocr.experiments.ledger_row import current_time, is_row_of, ledger_row
from ocr.experiments.provenance import Provenance, find_source, write_provenance
from ocr.metrics import Ratios
from ocr.submission.prediction_folder import SUBMISSION

_ADDED_LATER = (*VALIDATION, *LEADERBOARD, "note")

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
    row = ledger_row(folder, folder / SUBMISSION, provenance)
    try:
        with edit_ledger(ledger) as rows:
            _replace_or_append(rows, row)
    except OSError as error:
        log.warning("the ledger %s lacks this submission (%s): %s", ledger, error, row)


def _replace_or_append(rows: list[Row], row: Row) -> None:
    for index, old in enumerate(rows):
        if is_row_of(old, row["submission"], row["csv_sha256"]):
            rows[index] = old | row | {name: row[name] or old.get(name, "") for name in _ADDED_LATER}
            return
    rows.append(row)
