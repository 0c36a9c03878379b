"""One training's row in the experiment log, however it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytorch_lightning as pl
from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only

from baseline_code.files.csv_table import Row
from baseline_code.files.names import shown_path
from baseline_code.training.callbacks import TrainingSummary
from runners.experiment_log.changes import Changes, current_preset, find_changes
from runners.experiment_log.log import append_row
from runners.wiring.trainers import git_commit

log = logging.getLogger(__name__)


class ExperimentRun:
    """Collects what the log says of a run.

    Args:
        config: its settings.
        folder: its folder.

    Raises:
        ValueError: if `experiment.baseline` is no folder of a run.
    """

    def __init__(self, config: DictConfig, folder: Path) -> None:
        self.config = config
        self.folder = folder
        baseline = config.experiment.baseline
        self.changes: Changes = find_changes(config, None if baseline is None else shown_path(Path(baseline)))
        self.note = "" if config.experiment.note is None else str(config.experiment.note)
        self.status = "failed"
        self._time = datetime.now()
        self._started = time.perf_counter()
        self._scores: dict[str, float] = {}
        self._summary: TrainingSummary | None = None
        self.parameters: int | None = None

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
        stopping = self.config.early_stopping
        summary = self._summary
        best = dict(summary.best_epoch() or {}) if summary else {}
        seconds = summary.state_dict()["seconds"] if summary else time.perf_counter() - self._started
        row = {
            "time": self._time.isoformat(sep=" ", timespec="seconds"),
            "run": shown_path(self.folder),
            "preset": current_preset(),
            "baseline": self.changes.baseline,
            "changes": str(self.changes),
            "change_count": str(self.changes.count),
            "monitor": str(stopping.monitor),
            "mode": str(stopping.mode),
            "score": _number(best.get(stopping.monitor)),
            "note": self.note,
            "epochs": str(len(summary.epochs)) if summary else "0",
            "minutes": f"{seconds / 60:.2f}",
            "parameters": "" if self.parameters is None else str(self.parameters),
            "seed": str(self.config.seed),
            "commit": git_commit() or "",
            "status": self.status,
        }
        scores = {name: value for name, value in best.items() if name not in ("epoch", "seconds")} | self._scores
        return row | {name: _number(value) for name, value in scores.items()}


@contextmanager
def logged_run(config: DictConfig, folder: Path) -> Iterator[ExperimentRun]:
    """Appends one row to `experiment.log` at the end: finished, failed or interrupted; to none where that is null.

    A training that failed before its first epoch began, by a typo say, gets none. Of several processes the first one
    writes. A log that cannot be written costs a warning, never the training.
    """
    run = ExperimentRun(config, folder)
    try:
        yield run
        run.status = "finished"
    except (KeyboardInterrupt, SystemExit):  # Lightning ends an interrupted training by the latter
        run.status = "interrupted"
        raise
    finally:
        if run.started and config.experiment.log is not None and getattr(rank_zero_only, "rank", 0) == 0:
            _append(Path(config.experiment.log), run.row())


def _append(path: Path, row: Row) -> None:
    try:
        append_row(path, row)
    except OSError as error:
        log.warning("the experiment log %s lacks this run (%s): %s", path, error, row)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
