"""One training's row in the experiment log, however it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytorch_lightning as pl

from baseline_code.files.names import shown_path
from baseline_code.files.shown_text import current_time
from baseline_code.training.callbacks import TrainingSummary
from baseline_code.training.processes import is_first_process
from ocr.experiments.changes import Changes
from ocr.experiments.log import append_row
from ocr.experiments.table import Row

log = logging.getLogger(__name__)


class ExperimentRun:
    """Collects what the log says of a run.

    Args:
        folder: its folder.
        changes: what it changes against its baseline.
        facts: columns of the log that are known before it starts.

    Attributes:
        status: `failed` until it is known better.
        parameters: how many weights the network has; None before it is built.
    """

    def __init__(self, folder: Path, changes: Changes, facts: Row) -> None:
        self.status = "failed"
        self.parameters: int | None = None
        self._facts = facts | {
            "time": current_time(),
            "run": shown_path(folder),
            "baseline": changes.baseline,
            "changes": str(changes),
            "change_count": str(changes.count),
        }
        self._started = time.perf_counter()
        self._scores: dict[str, float] = {}
        self._summary: TrainingSummary | None = None

    def follow(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """From now on scores, epochs and size come from this training."""
        summaries = [callback for callback in trainer.callbacks if isinstance(callback, TrainingSummary)]  # type: ignore[attr-defined]
        self._summary = summaries[0] if summaries else None
        self.parameters = sum(weight.numel() for weight in module.parameters())

    @property
    def started(self) -> bool:
        """Whether the training that it follows began, or ended well without one."""
        return self.status == "finished" or (self._summary is not None and self._summary.started)

    def add_scores(self, scores: Mapping[str, float]) -> None:
        """Adds scores that the training itself does not know, such as those of the test."""
        self._scores.update(scores)

    def row(self) -> Row:
        """The row as of now; what is not known yet is empty."""
        summary = self._summary
        best = dict(summary.best_epoch() or {}) if summary else {}
        seconds = summary.state_dict()["seconds"] if summary else time.perf_counter() - self._started
        known = self._facts | {
            "score": _number(best.get(self._facts["monitor"])),
            "epochs": str(len(summary.epochs)) if summary else "0",
            "minutes": f"{seconds / 60:.2f}",
            "parameters": "" if self.parameters is None else str(self.parameters),
            "status": self.status,
        }
        scores = {name: value for name, value in best.items() if name not in ("epoch", "seconds")} | self._scores
        return known | {name: _number(value) for name, value in scores.items()}


@contextmanager
def logged_run(path: Path | None, folder: Path, changes: Changes, facts: Row) -> Iterator[ExperimentRun]:
    """Appends one row to the experiment log at the end: finished, failed or interrupted.

    A training that failed before its first epoch began, by a typo say, gets none. Of several processes the first one
    writes. A log that cannot be written costs a warning, never the training.

    Args:
        path: the log; None for no row.
        folder: of the run.
        changes: what it changes against its baseline.
        facts: `preset`, `monitor`, `mode`, `note`, `seed` and `commit`, as the log has them.
    """
    run = ExperimentRun(folder, changes, facts)
    try:
        yield run
        run.status = "finished"
    except (KeyboardInterrupt, SystemExit):  # Lightning ends an interrupted training by the latter
        run.status = "interrupted"
        raise
    finally:
        if run.started and path is not None and is_first_process():
            _append(path, run.row())


def _append(path: Path, row: Row) -> None:
    try:
        append_row(path, row)
    except (OSError, ValueError) as error:
        log.warning("the experiment log %s lacks this run (%s): %s", path, error, row)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
