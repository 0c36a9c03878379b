"""Where a submission came from: the code's commit, and a note beside it, `provenance.json`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.duplicates import file_sha256
from baseline_code.files.json_file import is_number, read_json_object
from ocr.metrics import Ratios
from ocr.probability_maps.cache_index import INDEX
from ocr.submission.leaderboard import SubmissionError
from ocr.submission.prediction_folder import PROVENANCE

_VERSION = 1


class Source(NamedTuple):
    """A checkpoint, folder of probability maps or prediction file that a submission was made of."""

    path: str
    sha256: str  # of the file; of a folder of maps, of its index; empty for another folder


@dataclass(frozen=True)
class Provenance:
    """All that is known of how a submission was made.

    Attributes:
        time: when, local, `YYYY-MM-DD hh:mm:ss`.
        checkpoints: what it was made of, in order.
        settings: nested JSON values that matter: post-processing, views, weights, calibration.
        validation: CLEval scores of exactly these settings on labelled images; None where not known.
        commit: of the code, None outside a checkout.
        csv_sha256: of the CSV that this note is about.
    """

    time: str
    checkpoints: tuple[Source, ...]
    settings: Mapping[str, Any]
    validation: Ratios | None
    commit: str | None
    csv_sha256: str


def find_source(path: str | os.PathLike[str]) -> Source:
    """Names a source by its path as given and its hash; the index of a folder of maps holds the hash of each map.

    Raises:
        OSError: if there is nothing at `path`.
    """
    content = Path(path) / INDEX if Path(path).is_dir() else Path(path)
    known = content.is_file() or not Path(path).is_dir()
    return Source(os.fspath(path), file_sha256(content) if known else "")


def write_provenance(folder: Path, provenance: Provenance) -> None:
    """Writes `provenance.json` into a folder, whole or not at all; an older one is replaced, as its submission was."""
    content = {"version": _VERSION, **asdict(provenance)}
    content["checkpoints"] = [source._asdict() for source in provenance.checkpoints]
    content["validation"] = provenance.validation._asdict() if provenance.validation else None
    text = json.dumps(content, indent=2, ensure_ascii=False, default=os.fspath)
    write_text_atomic(folder / PROVENANCE, text + "\n")


def read_provenance(folder: Path) -> Provenance | None:
    """Reads a folder's note; None where it has none.

    Raises:
        SubmissionError: if the note is damaged or of another version.
    """
    path = folder / PROVENANCE
    if not path.is_file():
        return None
    try:
        content = read_json_object(path, "a provenance")
        if content.pop("version") != _VERSION:
            raise ValueError("another version")
        sources = tuple(Source(**source) for source in content.pop("checkpoints"))
        scores = content.pop("validation")
        provenance = Provenance(checkpoints=sources, validation=Ratios(**scores) if scores else None, **content)
        _check_types(provenance)
        return provenance
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SubmissionError(
            f"{path}: expected a provenance of version {_VERSION}, got {error}; remove the file to go on without it"
        ) from error


def _check_types(provenance: Provenance) -> None:
    """Raises a TypeError where a field has another type than it was written with."""
    texts = [provenance.time, provenance.csv_sha256, *(text for source in provenance.checkpoints for text in source)]
    texts += [] if provenance.commit is None else [provenance.commit]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("another type where a text should be")
    if not isinstance(provenance.settings, dict):
        raise TypeError("settings that are no object")
    if not all(is_number(score, 0, 1) for score in provenance.validation or ()):
        raise TypeError("scores that are no numbers in [0, 1]")


def git_commit() -> str | None:
    """The commit of the checkout that runs, with `+changes` where tracked files differ; None outside a checkout."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():  # an installed package may lie below a repository that is not ours
        return None
    try:
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty=+changes", "--abbrev=40", "--exclude=*"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip()
