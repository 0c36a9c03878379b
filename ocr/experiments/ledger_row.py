"""What the ledger says of one submission."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from baseline_code.files.csv_table import Row
from baseline_code.files.names import shown_path
from ocr.experiments.ledger import COLUMNS, VALIDATION
from ocr.experiments.provenance import Provenance
from ocr.probability_maps.digests import file_sha256
from ocr.submission.leaderboard import read_submission

_HASH_SHOWN = 12  # hexadecimal digits that tell checkpoints apart


def ledger_row(place: Path, csv: Path, provenance: Provenance | None) -> Row:
    """The row of a CSV, with what its provenance tells.

    Args:
        place: the submission's folder, or the CSV itself where it has none; its name in the ledger.
        csv: the leaderboard CSV.
        provenance: how it was made; one of another CSV tells nothing of this one.

    Raises:
        SubmissionError: if the CSV does not hold.
    """
    polygons = read_submission(csv)
    row = dict.fromkeys(COLUMNS, "") | {
        "time": current_time(),
        "submission": shown_path(place),
        "csv_sha256": file_sha256(csv),
        "images": str(len(polygons)),
        "polygons": str(sum(map(len, polygons.values()))),
    }
    if provenance is None or provenance.csv_sha256 != row["csv_sha256"]:
        return row
    scores = [f"{value:.6g}" for value in provenance.validation or ()]
    return row | {
        "time": provenance.time,
        "checkpoints": "; ".join(f"{path}@{sha256[:_HASH_SHOWN]}" for path, sha256 in provenance.checkpoints),
        "settings": "; ".join(_settings(provenance.settings)),
        "commit": provenance.commit or "",
        **dict(zip(VALIDATION, scores, strict=False)),
    }


def is_row_of(row: Row, name: str, csv_sha256: str) -> bool:
    """Whether a row is of this submission; one written by hand, without a hash, is by its name alone."""
    return row["submission"] == name and row["csv_sha256"] in (csv_sha256, "")


def current_time() -> str:
    """Local time, `YYYY-MM-DD hh:mm:ss`."""
    return datetime.now().isoformat(sep=" ", timespec="seconds")


def _settings(settings: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """`models.head.thresh=0.3` for each setting that has a value."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{prefix}{name}.")
        elif value is not None:
            text = value if isinstance(value, str | Path) else json.dumps(value, separators=(",", ":"), default=str)
            yield f"{prefix}{name}={text}"
