"""Lightning trainers and what runs beside them."""

from __future__ import annotations

import difflib
import inspect
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytorch_lightning as pl
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning_fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig
from pytorch_lightning.callbacks import Callback, ProgressBar
from pytorch_lightning.loggers import Logger
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
from baseline_code.training.lightning_io import AtomicCheckpointIO
from runners.cli.settings import plain
from runners.wiring.commit import git_commit
from runners.wiring.kernels import tries_kernels, use_matmul_precision
from runners.wiring.quiet import quiet_libraries

log = logging.getLogger(__name__)

BAR_WIDTH = 120  # columns
ANYWHERE = {"accelerator": "auto", "devices": "auto", "strategy": "auto", "precision": "32-true", "num_nodes": 1}
NOT_LIGHTNING = (
    "batch_size",
    "benchmark",
    "float32_matmul_precision",
    "max_time",
)  # settings of `trainer` that others take


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


def build_trainer(
    config: DictConfig, callbacks: list[Callback], loggers: Sequence[Logger] = (), *, validated: bool = True
) -> pl.Trainer:
    """The trainer of a configuration.

    Args:
        config: the settings.
        callbacks: of `build_callbacks`.
        loggers: of `build_loggers`.
        validated: whether anything is validated; if not, Lightning asks for no validation data.

    Raises:
        ValueError: if this machine, or Lightning, cannot do what `trainer` says.
    """
    settings = {name: value for name, value in plain(config.trainer).items() if name not in NOT_LIGHTNING}
    unknown = sorted(set(settings) - set(inspect.signature(pl.Trainer).parameters))
    if unknown:
        raise ValueError(f"trainer.{unknown[0]}: Lightning's Trainer has no such argument")
    if not validated:
        settings["limit_val_batches"] = 0
    use_matmul_precision(config)
    quiet_libraries()
    with explained(config):
        return pl.Trainer(
            **settings,
            benchmark=tries_kernels(config),
            callbacks=callbacks,
            logger=list(loggers) or False,
            enable_progress_bar=any(isinstance(callback, ProgressBar) for callback in callbacks),
            enable_model_summary=False,  # a table of three rows, whose FLOPs are 0
            plugins=[AtomicCheckpointIO()],
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
        )


@contextmanager
def explained(config: DictConfig) -> Iterator[None]:
    """Says in one line, with the settings that it is about, why Lightning cannot make a trainer.

    Raises:
        ValueError: naming the settings of the device and Lightning's reason.
    """
    try:
        yield
    except (MisconfigurationException, ValueError, TypeError, RuntimeError, ImportError) as error:
        asked = ", ".join(
            f"trainer.{name}={config.trainer[name]}"
            for name, anywhere in ANYWHERE.items()
            if config.trainer.get(name, anywhere) != anywhere
        )
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{asked or 'trainer'}: Lightning refuses it here: {reason}; what runs everywhere: "
            f"{' '.join(f'trainer.{name}={value}' for name, value in ANYWHERE.items())}"
        ) from error


def build_loggers(config: DictConfig, folder: Path) -> list[Logger]:
    """The loggers of `logger`, which write below `folder`.

    Raises:
        ValueError: if the package of one is missing, with the line that installs it.
    """
    loggers = []
    for name, target in config.logger.items():
        try:
            loggers.append(instantiate(target, save_dir=str(folder)))
        except (ImportError, InstantiationException) as error:
            if not isinstance(error.__cause__ or error, ImportError):
                raise
            raise ValueError(f"logger={name} needs the package {name}: pip install {name}") from error
    return loggers


def build_inference_trainer(config: DictConfig) -> pl.Trainer:
    """A trainer that only evaluates or predicts: one process, nothing logged, the training's precision."""
    trainer = config.trainer
    use_matmul_precision(config)
    quiet_libraries()
    bar = progress_bar()
    with explained(config):
        return pl.Trainer(
            accelerator=trainer.accelerator,
            devices=1,
            precision=trainer.precision,
            benchmark=False,  # several views are of several shapes
            callbacks=bar,
            logger=False,
            enable_progress_bar=bool(bar),
            enable_checkpointing=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )


def progress_bar(short_names: Mapping[str, str] | None = None) -> list[Callback]:
    """A bar where there is a terminal that is wide enough for it in one line; elsewhere each epoch is a line."""
    console = Console()
    return [TrainingProgressBar(short_names=short_names)] if console.is_terminal and console.width >= BAR_WIDTH else []


def build_callbacks(config: DictConfig, folder: Path, *, validated: bool = True) -> list[Callback]:
    """Checkpoints below `folder`/checkpoints, those of `callbacks`, progress, early stopping and averaging.

    Args:
        config: the settings.
        folder: of the run.
        validated: whether anything is validated; if not, `best.ckpt` is the last epoch's, as `last.ckpt` is.

    Raises:
        ValueError: if a training that is not validated is to stop early.
    """
    stopping = config.early_stopping
    if stopping.enabled and not validated:
        raise ValueError(
            "expected a validation for early_stopping.enabled=true, got none: set early_stopping.enabled=false, or "
            "validate (datasets.val_fraction above 0 and trainer.limit_val_batches not 0)"
        )
    if not validated:
        log.info("nothing is validated: checkpoints/best.ckpt is the last epoch's, like last.ckpt")
    kind = DETECTOR if "encoder" in config.models else CLASSIFIER
    checkpoints = folder / "checkpoints"
    monitor = config.checkpoint.monitor if validated else EPOCH
    also = {f"best_{name}": name for name in config.checkpoint.also if validated or not name.startswith("val_")}
    callbacks: list[Callback] = [
        RunCheckpoint(checkpoints, "best", monitor, direction(monitor, config)),
        RunCheckpoint(checkpoints, "last"),
        *(RunCheckpoint(checkpoints, file, name, direction(name, config)) for file, name in also.items()),
        *(instantiate(target) for target in config.callbacks.values()),
        *progress_bar(kind.short_names),
        TrainingSummary(
            folder,
            monitor=monitor if validated else None,
            mode=direction(monitor, config),
            facts={"seed": config.seed, "commit": git_commit(), "config": plain(config)},
        ),
    ]
    if stopping.enabled:
        callbacks.append(
            PatientStopping(
                stopping.monitor, patience=stopping.patience, mode=stopping.mode, min_delta=stopping.min_delta
            )
        )
    callbacks += freezing(config.models.encoder if kind is DETECTOR else config.models.network, kind.network)
    if config.trainer.max_time is not None:
        callbacks.append(TimeBudget(parse_time(config.trainer.max_time)))
    if config.models.ema.enabled:
        callbacks.append(ExponentialMovingAverage(config.models.ema.decay))
    # The last one: what the others do after a batch is no waiting for data.
    return [*callbacks, EpochLine(config.trainer.log_every_n_steps, kind.line)]


def direction(monitor: str, config: DictConfig) -> str:
    """What is better of a loss or score, `max` or `min`: as `early_stopping` says of its own; `min` of other losses."""
    stopping = config.early_stopping
    if monitor == stopping.monitor:
        return str(stopping.mode)
    return "min" if "loss" in monitor else "max"


def check_monitor(callbacks: Iterable[Callback], names: Sequence[str]) -> None:
    """Refuses a score to stop or to choose the best epoch by that no epoch will have.

    Args:
        callbacks: of `build_callbacks`.
        names: of all losses and scores that a training logs.

    Raises:
        ValueError: naming those that there are, the nearest first.
    """
    for callback in callbacks:
        monitor = callback.monitor if isinstance(callback, PatientStopping | RunCheckpoint) else None
        if monitor not in (None, EPOCH, *names):
            near = difflib.get_close_matches(str(monitor), names, n=len(names), cutoff=0)
            raise ValueError(
                "expected early_stopping.monitor, checkpoint.monitor and checkpoint.also to be of "
                f"{', '.join(near)}, got {monitor}"
            )


def freezing(settings: DictConfig, network: str) -> list[Callback]:
    """What freezes the network of these settings for a while; nothing where it learns from the start."""
    if settings.frozen_epochs == 0 and settings.unfreeze_every == 0:
        return []
    return [BackboneFreezing(settings.frozen_epochs, settings.unfreeze_every, network)]


def best_score(trainer: pl.Trainer) -> float | None:
    """The best monitored score of a training; None where none was monitored."""
    for callback in trainer.checkpoint_callbacks:
        if not isinstance(callback, RunCheckpoint) or callback.monitor in (None, EPOCH):
            continue
        if callback.best_model_score is not None:
            return float(callback.best_model_score)
    return None
