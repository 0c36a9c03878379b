"""The folds of a K-fold training: what each has in common, trained once, and on from where it stopped."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, ListConfig, open_dict

from ocr.cross_validation.run import FinishedFold, FoldRun
from ocr.experiments.changes import leaves
from ocr.inference.detector import Detector
from runners.cli.settings import plain
from runners.wiring.detector import default_overrides, load_detector
from runners.wiring.run_folder import held, is_first_process
from runners.wiring.training import train_detector

NOT_TRAINING = ("kfold", "images", "recursive", "output", "overwrite", "ledger")
"""Settings of configs/kfold.yaml that a single training does not have."""

MAY_DIFFER = (
    "build",
    "datasets.allow_leak",
    "datasets.folds",
    "datasets.fold",
    "datasets.num_workers",
    "datasets.test",
    "datasets.unreadable",
    "experiment",
    "resume",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.log_every_n_steps",
    "trainer.num_nodes",
    "trainer.strategy",
)
"""Settings that change nothing about a fold's training, or belong to one fold only."""

log = logging.getLogger(__name__)


def fold_config(config: DictConfig, run: FoldRun, fold: int) -> DictConfig:
    """The settings of one fold, as runners/train.py would have them with `datasets.folds` and `datasets.fold`."""
    own = config.copy()
    with open_dict(own):
        for name in NOT_TRAINING:
            own.pop(name, None)
    own.datasets.folds, own.datasets.fold = str(run.split_path), fold
    return own


def fold_settings(config: DictConfig) -> dict[str, Any]:
    """What all folds of a run must have in common, by dotted keys."""
    return {
        key: value
        for key, value in leaves(plain(config, resolve=True))
        if not any(f"{key}.".startswith(f"{prefix}.") for prefix in (*NOT_TRAINING, *MAY_DIFFER))
    }


def load_fold(checkpoint: Path, config: DictConfig) -> Detector:
    """A fold's detector: as its checkpoint says, on the device and the data of this command."""
    overrides = default_overrides()
    overrides.datasets.root = config.datasets.root
    overrides.datasets.num_workers = config.datasets.num_workers
    overrides.trainer.accelerator = config.trainer.accelerator
    return load_detector(checkpoint, overrides).detector


def train_fold(config: DictConfig, run: FoldRun, fold: int) -> FinishedFold:
    """Trains a fold, goes on with it at the epoch where it stopped, or leaves it where it is finished.

    Args:
        config: as of configs/kfold.yaml.
        run: the run that it is part of.
        fold: from 0.

    Raises:
        ValueError: if another process is training it.
        runners.wiring.checkpoints.CheckpointError: if its last checkpoint cannot be used.
    """
    finished = run.finished(fold)
    if finished is not None:
        log.info("fold %d is trained: best score %s after %d epochs", fold, finished.score, finished.epochs)
        return finished
    folder, settings = run.fold_folder(fold), fold_config(config, run, fold)
    settings.trainer.devices = choose_devices(
        settings.trainer.accelerator, settings.trainer.devices, fold, torch.cuda.device_count()
    )
    log.info("fold %d of 0..%d, in %s", fold, run.n_splits - 1, folder)
    with held(folder):
        outcome = train_detector(settings, folder, "auto")
        if is_first_process():
            run.mark_finished(fold, score=outcome.score, epochs=outcome.epochs)
    return FinishedFold(outcome.checkpoint, outcome.score, outcome.epochs)


def choose_devices(accelerator: str, devices: object, fold: int, gpus: int) -> object:
    """Devices of a fold: with `auto` and several GPUs one of them in turn, else those that the settings say."""
    automatic = devices == "auto" and accelerator in ("auto", "gpu", "cuda")
    return [fold % gpus] if automatic and gpus > 1 else devices


def check_one_device(devices: object, num_nodes: int) -> None:
    """Refuses to train fold after fold on several devices: processes of one fold would run into the next.

    Raises:
        ValueError: naming the way on.
    """
    several = len(devices) > 1 if isinstance(devices, ListConfig | list) else str(devices) not in ("auto", "0", "1")
    if several or num_nodes > 1:
        raise ValueError(
            f"expected one device per fold, got trainer.devices={devices}, trainer.num_nodes={num_nodes}; "
            "train one fold a command (kfold.fold=0, then 1, …), or folds side by side by --multirun kfold.fold=0,1,…"
        )
