"""The end of a training: best epoch, scores, and where everything is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint
from rich.console import Console
from rich.table import Table

from baseline_code.files.duplicates import file_sha256
from baseline_code.files.json_file import write_json
from baseline_code.files.names import shown_path
from baseline_code.training.callbacks.guards import UnreadableImages
from baseline_code.training.callbacks.validation import RunCheckpoint, is_validated


class TrainingSummary(pl.Callback):
    """Keeps the scores of each epoch, prints a table at the end and writes `summary.json` beside the checkpoints.

    Args:
        folder: the run's folder.
        monitor: the score that the best epoch is chosen by, or None: nothing is validated, and the last epoch counts.
        mode: `max` or `min`.
        facts: what else to record of the run, such as seed and commit; JSON values.

    Attributes:
        best_from: the first epoch whose checkpoint can be the best one; later than 0 where the checkpoint of an earlier
            best epoch was lost.
        started: whether the training began.
    """

    def __init__(
        self,
        folder: Path,
        *,
        monitor: str | None,
        mode: str,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.monitor = monitor
        self.mode = mode
        self.facts = dict(facts or {})
        self.epochs: list[dict[str, float]] = []
        self.best_from = 0
        self.started = False
        self._started = time.perf_counter()
        self._seconds_before = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The curve so far and the time it took."""
        return {"epochs": self.epochs, "seconds": self._seconds(), "best_from": self.best_from}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with the curve of a resumed training."""
        self.epochs = state_dict["epochs"]
        self._seconds_before = state_dict["seconds"]
        self.best_from = max(self.best_from, state_dict.get("best_from", 0))

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the clock; everything before the first epoch went well."""
        self._started = time.perf_counter()
        self.started = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keeps the epoch's scores."""
        scores = epoch_scores(trainer)
        self.epochs.append({"epoch": trainer.current_epoch, **scores, "seconds": round(self._seconds(), 1)})

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Prints and writes the summary."""
        if not trainer.is_global_zero:
            return
        best = self.best_epoch()
        paths = {path.stem: str(path) for path in _checkpoint_files(trainer)}
        counters = [callback for callback in trainer.callbacks if isinstance(callback, UnreadableImages)]  # type: ignore[attr-defined]
        unreadable = {name: count for counter in counters for name, count in counter.counts.items()}
        report = {
            **self.facts,
            "best": best,
            "checkpoints": paths,
            "best_sha256": file_sha256(paths["best"]) if Path(paths.get("best", "")).is_file() else None,
            "unreadable": unreadable,
            "seconds": self._seconds(),
            "epochs": self.epochs,
        }
        write_json(self.folder / "summary.json", report)
        table = Table(title="Training summary", show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        for name, value in (best or {}).items():
            if name == "epoch":
                table.add_row("last epoch" if self.monitor is None else "best epoch", str(int(value) + 1))
            else:
                table.add_row(name, f"{value:.4f}")
        if unreadable:
            table.add_row("unreadable images", str(len(unreadable)))
        table.add_row("time", f"{self._seconds() / 60:.1f} min")
        console = Console()
        console.print(table)
        files = {f"checkpoint {name}": Path(path) for name, path in paths.items()}
        for name, file in {**files, "curve": self.folder / "summary.json"}.items():
            console.print(f"{name}: {shown_path(file)}", soft_wrap=True, markup=False, highlight=False)

    def best_epoch(self) -> dict[str, float] | None:
        """The scores of the epoch with the best monitored value that has a checkpoint, or of the last one.

        None before there is any.
        """
        monitor = self.monitor
        if monitor is None:
            return self.epochs[-1] if self.epochs else None
        scored = [epoch for epoch in self.epochs if monitor in epoch and epoch["epoch"] >= self.best_from]
        if not scored:
            return None
        choose = max if self.mode == "max" else min
        return choose(scored, key=lambda epoch: epoch[monitor])

    def _seconds(self) -> float:
        return self._seconds_before + time.perf_counter() - self._started


def _checkpoint_files(trainer: pl.Trainer) -> Iterator[Path]:
    """Those of the run, also of epochs before a training went on; of other callbacks the best one."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, RunCheckpoint):
            yield from [callback.path] if callback.path.is_file() else []
        elif isinstance(callback, ModelCheckpoint) and callback.best_model_path:
            yield Path(callback.best_model_path)


def is_best_epoch(trainer: pl.Trainer) -> bool:
    """Whether the epoch that ends now has the best monitored score so far; False where nothing is monitored."""
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        if isinstance(callback, TrainingSummary) and callback.monitor is not None:
            best = callback.best_epoch()
            return best is not None and best["epoch"] == trainer.current_epoch
    return False


def epoch_scores(trainer: pl.Trainer) -> dict[str, float]:
    """What the epoch that ends now has logged: mean losses, and validation scores where it was validated.

    Lightning keeps the scores of an earlier validation, and the loss's last step and a second copy beside its mean.
    """
    kinds = ("train_", "val_") if is_validated(trainer) else ("train_",)
    return {
        name: float(value)
        for name, value in trainer.callback_metrics.items()
        if name.startswith(kinds) and not name.endswith(("_step", "_epoch"))
    }
