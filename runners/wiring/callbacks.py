"""What runs beside a training: checkpoints, early stopping, averaging, freezing, the bar and the line of each epoch."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytorch_lightning as pl
from hydra.utils import instantiate
from pytorch_lightning.callbacks import Callback
from rich.console import Console

from baseline_code.training.callbacks import (
    EPOCH,
    BackboneFreezing,
    EpochLine,
    ExponentialMovingAverage,
    PatientStopping,
    RunCheckpoint,
    TimeBudget,
    TrainingProgressBar,
    TrainingSummary,
    parse_time,
)
from ocr.experiments.provenance import git_commit
from runners.cli.settings import Group, Settings

BAR_WIDTH = 120  # columns

log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """What the callbacks must know of a module: where its backbone is, and which values people watch."""

    network: str  # attribute that holds the network with stages
    short_names: dict[str, str]  # of the bar
    line: tuple[str, ...]  # of an epoch


DETECTOR = Kind(
    "detector.encoder",
    {
        "train_loss": "loss",
        "train_loss_probability": "P",
        "train_loss_threshold": "T",
        "train_loss_approximate_binary": "B",
    },
    ("train_loss", "val_precision", "val_recall", "val_hmean", "val_iou_hmean"),
)
CLASSIFIER = Kind(
    "network",
    {"train_loss": "loss"},
    (
        *("train_loss", "train_accuracy", "val_loss", "val_accuracy"),
        *("val_auc", "val_f1", "val_precision", "val_recall"),
    ),
)


def build_callbacks(settings: Settings, folder: Path, *, validated: bool = True) -> list[Callback]:
    """Checkpoints below `folder`/checkpoints, those of `callbacks`, progress, early stopping and averaging.

    Args:
        settings: of the training.
        folder: of the run.
        validated: whether anything is validated; if not, `best.ckpt` is the last epoch's, as `last.ckpt` is.

    Raises:
        ValueError: if a training that is not validated is to stop early.
    """
    stopping, models = settings.early_stopping, settings.models
    if stopping["enabled"] and not validated:
        raise ValueError(
            "expected a validation for early_stopping.enabled=true, got none: set early_stopping.enabled=false, or "
            "validate (datasets.val_fraction above 0 and trainer.limit_val_batches not 0)"
        )
    if not validated:
        log.info("nothing is validated: checkpoints/best.ckpt is the last epoch's, like last.ckpt")
    kind = DETECTOR if "encoder" in models else CLASSIFIER
    checkpoints = folder / "checkpoints"
    monitor = settings.checkpoint["monitor"] if validated else EPOCH
    also = {f"best_{name}": name for name in settings.checkpoint["also"] if validated or not name.startswith("val_")}
    callbacks: list[Callback] = [
        RunCheckpoint(checkpoints, "best", monitor, direction(monitor, stopping)),
        RunCheckpoint(checkpoints, "last"),
        *(RunCheckpoint(checkpoints, file, name, direction(name, stopping)) for file, name in also.items()),
        *(instantiate(target) for target in settings.callbacks.values()),
        *progress_bar(kind.short_names),
        TrainingSummary(
            folder,
            monitor=monitor if validated else None,
            mode=direction(monitor, stopping),
            facts={"seed": settings.seed, "commit": git_commit(), "config": settings.written},
        ),
    ]
    if stopping["enabled"]:
        callbacks.append(PatientStopping(**{name: value for name, value in stopping.items() if name != "enabled"}))
    callbacks += freezing(models["encoder" if kind is DETECTOR else "network"], kind.network)
    if settings.trainer["max_time"] is not None:
        callbacks.append(TimeBudget(parse_time(settings.trainer["max_time"])))
    if models["ema"]["enabled"]:
        callbacks.append(ExponentialMovingAverage(models["ema"]["decay"]))
    # The last one: what the others do after a batch is no waiting for data.
    return [*callbacks, EpochLine(settings.trainer["log_every_n_steps"], kind.line)]


def direction(monitor: str, stopping: Group) -> str:
    """What is better of a loss or score, `max` or `min`: as `early_stopping` says of its own; `min` of other losses."""
    return str(stopping["mode"]) if monitor == stopping["monitor"] else _better(monitor)


def _better(monitor: str) -> str:
    return "min" if "loss" in monitor else "max"


def check_monitor(callbacks: Iterable[Callback], names: Sequence[str]) -> None:
    """Refuses a score to stop or to choose the best epoch by that no epoch will have, or whose worst is to be the best.

    Args:
        callbacks: of `build_callbacks`.
        names: of all losses and scores that a training logs.

    Raises:
        ValueError: naming those that there are, the nearest first; naming the mode that fits.
    """
    for callback in callbacks:
        if not isinstance(callback, PatientStopping | RunCheckpoint) or callback.monitor in (None, EPOCH):
            continue
        monitor = str(callback.monitor)
        if monitor not in names:
            near = difflib.get_close_matches(monitor, names, n=len(names), cutoff=0)
            raise ValueError(
                "expected early_stopping.monitor, checkpoint.monitor and checkpoint.also to be of "
                f"{', '.join(near)}, got {monitor}"
            )
        better = _better(monitor)
        if callback.mode != better:
            raise ValueError(
                f"expected early_stopping.mode={better} beside early_stopping.monitor={monitor}, which is "
                f"better the {'smaller' if better == 'min' else 'larger'} it is, got {callback.mode}"
            )


def freezing(settings: Group, network: str) -> list[Callback]:
    """What freezes the network of these settings for a while; nothing where it learns from the start."""
    if settings["frozen_epochs"] == 0 and settings["unfreeze_every"] == 0:
        return []
    return [BackboneFreezing(settings["frozen_epochs"], settings["unfreeze_every"], network)]


def best_score(trainer: pl.Trainer) -> float | None:
    """The best monitored score of a training; None where none was monitored."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, RunCheckpoint) and callback.name == "best":
            score = callback.best_model_score
            return None if score is None or callback.monitor == EPOCH else float(score)
    return None


def progress_bar(short_names: Mapping[str, str] | None = None) -> list[Callback]:
    """A bar where there is a terminal that is wide enough for it in one line; elsewhere each epoch is a line."""
    console = Console()
    return [TrainingProgressBar(short_names=short_names)] if console.is_terminal and console.width >= BAR_WIDTH else []
