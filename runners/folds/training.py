"""Training one fold: once, and on from where it stopped."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import NamedTuple

import torch
from omegaconf import DictConfig, ListConfig

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import read_json_object
from runners.folds.run import FoldRun, fold_config
from runners.train import train_detector
from runners.wiring.run_folder import held, is_first_process

MARKER = "finished.json"

log = logging.getLogger(__name__)


class FinishedFold(NamedTuple):
    """A fold whose training has ended."""

    checkpoint: Path
    score: float | None  # the best monitored one
    epochs: int


def read_finished(folder: Path) -> FinishedFold | None:
    """What a fold's training left, or None while it has not ended.

    Raises:
        ValueError: if its checkpoint is gone.
    """
    marker = folder / MARKER
    if not marker.is_file():
        return None
    content = read_json_object(marker, "the note of a trained fold", hint=f"delete {folder} to train it anew")
    if not {"score", "epochs"} <= set(content):
        raise ValueError(f"{marker}: expected a score and epochs, got {', '.join(content)}; delete {folder}")
    checkpoint = folder / "checkpoints" / "best.ckpt"
    if not checkpoint.is_file():
        raise ValueError(f"{marker} says that this fold is trained, but {checkpoint} is gone: delete {folder} as well")
    return FinishedFold(checkpoint, content["score"], content["epochs"])


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
    folder = run.fold_folder(fold)
    finished = read_finished(folder)
    if finished is not None:
        log.info("fold %d is trained: best score %s after %d epochs", fold, finished.score, finished.epochs)
        return finished
    settings = fold_config(config, run, fold)
    settings.trainer.devices = choose_devices(settings.trainer, fold, torch.cuda.device_count())
    log.info("fold %d of 0..%d, in %s", fold, run.n_splits - 1, folder)
    with held(folder):
        outcome = train_detector(settings, folder, "auto")
        if is_first_process():
            content = {"score": outcome.score, "epochs": outcome.epochs, "checkpoint": "checkpoints/best.ckpt"}
            write_text_atomic(folder / MARKER, json.dumps(content, indent=2) + "\n")
    return FinishedFold(outcome.checkpoint, outcome.score, outcome.epochs)


def choose_devices(trainer: DictConfig, fold: int, gpus: int) -> object:
    """Devices of a fold: with `auto` and several GPUs one of them in turn, else those that the settings say."""
    automatic = trainer.devices == "auto" and trainer.accelerator in ("auto", "gpu", "cuda")
    return [fold % gpus] if automatic and gpus > 1 else trainer.devices


def check_one_device(trainer: DictConfig) -> None:
    """Refuses to train fold after fold on several devices: processes of one fold would run into the next.

    Raises:
        ValueError: naming the way on.
    """
    devices = trainer.devices
    several = len(devices) > 1 if isinstance(devices, ListConfig) else str(devices) not in ("auto", "0", "1")
    if several or trainer.num_nodes > 1:
        raise ValueError(
            f"expected one device per fold, got trainer.devices={devices}, trainer.num_nodes={trainer.num_nodes}; "
            "train one fold a command (kfold.fold=0, then 1, …), or folds side by side by --multirun kfold.fold=0,1,…"
        )
