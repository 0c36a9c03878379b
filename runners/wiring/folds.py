"""The folds of a K-fold training: what each has in common, trained once, and on from where it stopped."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, open_dict

from ocr.cross_validation.run import FoldRun
from ocr.experiments.changes import leaves
from ocr.inference.predictor import Predictor
from runners.cli.settings import plain
from runners.wiring.detector import default_overrides, load_detector

NOT_TRAINING = ("kfold", "images", "recursive", "output", "overwrite", "report", "ledger")
"""Settings of configs/kfold.yaml that a single training does not have."""

MAY_DIFFER = (
    "build",
    "callbacks",
    "datasets.allow_leak",
    "datasets.folds",
    "datasets.fold",
    "datasets.num_workers",
    "datasets.test",
    "datasets.unreadable",
    "experiment",
    "logger",
    "resume",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.log_every_n_steps",
    "trainer.num_nodes",
    "trainer.profiler",
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


def load_fold(checkpoint: Path, config: DictConfig) -> Predictor:
    """A fold's detector: as its checkpoint says, on the device and the data of this command."""
    overrides = default_overrides()
    overrides.datasets.root = config.datasets.root
    overrides.datasets.num_workers = config.datasets.num_workers
    overrides.trainer.accelerator = config.trainer.accelerator
    return load_detector(checkpoint, overrides).detector


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
