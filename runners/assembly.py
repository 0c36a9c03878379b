"""From settings to parts: the one place where configuration becomes objects."""

from __future__ import annotations

import logging
import pickle
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import Callback, EarlyStopping, LearningRateMonitor, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from rich.console import Console
from rich.table import Table

from ocr.datasets import DetectionDataModule
from ocr.lightning_modules import TextDetectionModule
from ocr.lightning_modules.callbacks import (
    EpochLine,
    ExponentialMovingAverage,
    NonFiniteGuard,
    TrainingProgressBar,
    TrainingSummary,
)
from runners.entry import CONFIG_DIR

log = logging.getLogger(__name__)

NOT_LIGHTNING = ("batch_size",)  # a setting of `trainer` that the data takes
OVERRIDABLE = ("datasets", "models", "trainer")  # what may differ between training and use


class CheckpointError(ValueError):
    """A file that is no checkpoint of this project, or does not fit."""


def build_module(config: DictConfig) -> TextDetectionModule:
    """The LightningModule of a configuration, which it keeps for its checkpoints."""
    build = config.build
    return TextDetectionModule(
        detector=instantiate(build.detector, _convert_="all"),
        loss=instantiate(build.loss),
        postprocess=instantiate(build.postprocess),
        optimizer=instantiate(build.optimizer),
        schedule=instantiate(build.schedule, _convert_="all"),
        channels_last=config.models.channels_last,
        compile=config.models.compile,
        config=plain(config),
    )


def build_datamodule(config: DictConfig) -> DetectionDataModule:
    """The DataModule of a configuration."""
    datamodule: DetectionDataModule = instantiate(config.build.datamodule, _convert_="all")
    return datamodule


def build_callbacks(config: DictConfig, folder: Path) -> list[Callback]:
    """Checkpoints below `folder`/checkpoints, early stopping, averaging, guards and progress."""
    stopping = config.early_stopping
    checkpoints: dict[str, Any] = {
        "dirpath": folder / "checkpoints",
        "save_on_train_epoch_end": True,
        "enable_version_counter": False,
    }
    callbacks: list[Callback] = [
        ModelCheckpoint(
            filename="best",
            monitor=stopping.monitor,
            mode=stopping.mode,
            every_n_epochs=config.trainer.check_val_every_n_epoch,
            **checkpoints,
        ),
        ModelCheckpoint(filename="last", **checkpoints),
        LearningRateMonitor("step"),
        NonFiniteGuard(),
        TrainingProgressBar(),
        EpochLine(),
        TrainingSummary(
            folder,
            monitor=stopping.monitor,
            mode=stopping.mode,
            facts={"seed": config.seed, "commit": git_commit(), "config": plain(config)},
        ),
    ]
    if stopping.enabled:
        callbacks.append(
            EarlyStopping(
                stopping.monitor, patience=stopping.patience, mode=stopping.mode, min_delta=stopping.min_delta
            )
        )
    if config.models.ema.enabled:
        callbacks.append(ExponentialMovingAverage(config.models.ema.decay))
    return callbacks


def build_trainer(config: DictConfig, folder: Path, callbacks: list[Callback]) -> pl.Trainer:
    """The trainer of a configuration; TensorBoard and CSV logs go below `folder`."""
    settings = {str(name): value for name, value in config.trainer.items() if name not in NOT_LIGHTNING}
    loggers = [TensorBoardLogger(folder, name="tensorboard", version=""), CSVLogger(folder, name="csv")]
    return pl.Trainer(
        **settings, callbacks=callbacks, logger=loggers, use_distributed_sampler=False, num_sanity_val_steps=0
    )


def best_score(trainer: pl.Trainer) -> float | None:
    """The best monitored score of a training; None where none was monitored."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, ModelCheckpoint) and callback.monitor and callback.best_model_score is not None:
            return float(callback.best_model_score)
    return None


def build_inference_trainer(config: DictConfig) -> pl.Trainer:
    """A trainer that only evaluates or predicts: one process, nothing logged, the training's precision."""
    trainer = config.trainer
    return pl.Trainer(
        accelerator=trainer.accelerator,
        devices=1,
        precision=trainer.precision,
        callbacks=[TrainingProgressBar()],
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )


def load_module(checkpoint_path: str | Path, overrides: DictConfig) -> tuple[TextDetectionModule, DictConfig]:
    """A trained module and its configuration, from its checkpoint alone.

    Args:
        checkpoint_path: a checkpoint that training wrote.
        overrides: settings whose `datasets`, `models` and `trainer` replace the checkpoint's where they are not null.

    Returns:
        The module with the checkpoint's weights (the averaged ones, where it trained with an average), in evaluation
        mode, and the merged configuration.

    Raises:
        CheckpointError: if the file is missing, no checkpoint of this project, or does not fit its own configuration.
    """
    checkpoint = read_checkpoint(checkpoint_path)
    kept = OmegaConf.create(checkpoint["config"])
    OmegaConf.set_struct(kept, True)
    changes = {name: without_nulls(plain(overrides[name])) for name in OVERRIDABLE}
    config = DictConfig(OmegaConf.merge(kept, changes))
    config.models.encoder.update(pretrained=False, weights=None)
    check_targets(plain(config, resolve=True), checkpoint_path)
    module = build_module(config)
    try:
        module.load_state_dict(checkpoint["state_dict"])
    except RuntimeError as error:
        raise CheckpointError(f"{checkpoint_path}: its weights do not fit its configuration: {error}") from error
    return module.eval(), config


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """The content of a checkpoint, read without running any code that it might hold.

    Raises:
        CheckpointError: if it is missing, damaged or not of this project.
    """
    if not Path(path).is_file():
        raise CheckpointError(f"expected a checkpoint at checkpoint_path={path}, found no file there")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError, ValueError) as error:
        raise CheckpointError(
            f"{path}: expected a checkpoint, could not read it: {(str(error) or repr(error)).splitlines()[0]}"
        ) from error
    if not isinstance(checkpoint, dict) or not {"config", "state_dict"} <= set(checkpoint):
        raise CheckpointError(f"{path}: expected a checkpoint that runners/train.py wrote, with its config and weights")
    return checkpoint


def check_targets(settings: object, path: str | Path) -> None:
    """Refuses a checkpoint whose resolved settings would build anything but the parts that our own settings name.

    Raises:
        CheckpointError: naming the foreign target.
    """
    own = set(_targets(OmegaConf.to_container(OmegaConf.load(CONFIG_DIR / "base.yaml"))))
    for target in _targets(settings):
        if target not in own:
            raise CheckpointError(
                f"{path}: expected only parts of this project in its settings, got _target_={target!r}"
            )


def _targets(settings: object) -> Iterator[str]:
    if isinstance(settings, Mapping) and "_target_" in settings:
        yield str(settings["_target_"])
    children = settings.values() if isinstance(settings, Mapping) else settings if isinstance(settings, list) else ()
    for child in children:
        yield from _targets(child)


def without_nulls(settings: dict[str, Any]) -> dict[str, Any]:
    """The nested settings that have a value."""
    nested = {name: without_nulls(value) if isinstance(value, dict) else value for name, value in settings.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}


def plain(config: DictConfig, *, resolve: bool = False) -> dict[str, Any]:
    """Settings as plain containers, references between them kept or resolved."""
    container = OmegaConf.to_container(config, resolve=resolve)
    if not isinstance(container, dict):
        raise TypeError(f"expected a mapping of settings, got {type(container).__name__}")
    return {str(name): value for name, value in container.items()}


def print_settings(config: DictConfig, console: Console | None = None) -> None:
    """A table of every resolved setting, without the wiring."""
    table = Table("setting", "value", title="Settings")
    for name, value in plain(config, resolve=True).items():
        if name != "build":
            _add_rows(table, name, value)
    (console or Console()).print(table)


def _add_rows(table: Table, name: str, value: object) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            _add_rows(table, f"{name}.{key}", child)
    else:
        table.add_row(name, str(value))


def git_commit() -> str | None:
    """The commit of the checkout that runs, with `+changes` where tracked files differ; None outside a checkout."""
    root = Path(__file__).parents[1]
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


def find_resume(resume: str | None, folder: Path) -> Path | None:
    """The checkpoint to go on from.

    Args:
        resume: None, a path, or `auto` for the run folder's last checkpoint where there is one.
        folder: the run's folder.

    Raises:
        CheckpointError: if the path holds no file, or the folder holds a training that `resume` does not go on with.
    """
    last = folder / "checkpoints" / "last.ckpt"
    if resume is None:
        if last.exists():
            raise CheckpointError(
                f"{folder} holds a training already: go on with it by resume=auto, or choose another hydra.run.dir"
            )
        return None
    if resume == "auto":
        return last if last.is_file() else None
    if not Path(resume).is_file():
        raise CheckpointError(f"expected a checkpoint at resume={resume}, found no file there")
    return Path(resume)
