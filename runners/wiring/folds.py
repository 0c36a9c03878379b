"""The folds of a K-fold training: what each has in common, trained once, and on from where it stopped."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from ocr.cross_validation.run import FoldRun
from ocr.experiments.changes import leaves
from ocr.inference.predictor import Predictor
from runners.cli.settings import Group, Settings, plain
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector
from runners.wiring.parts import SIZE

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


def fold_settings(written: Group, run: FoldRun, fold: int, gpus: int) -> Settings:
    """The settings of one fold, as runners/train.py would have them with `datasets.folds` and `datasets.fold`.

    Which GPU it has is no setting that somebody chose: `written`, which checkpoints and the experiment log keep, does
    not say it.

    Args:
        written: settings as of configs/kfold.yaml, as they were written.
        run: the run that the fold is part of.
        fold: from 0.
        gpus: of this machine: with several, each fold has one of them.

    Raises:
        ValueError: if a checkpoint is named to go on from.
    """
    if written["resume"] not in (None, "auto"):
        raise ValueError(
            f"expected no resume= of folds, each of which goes on from its own folder, got {written['resume']}; "
            "models.weights=FILE starts all of them from a detector"
        )
    own = {name: copy.deepcopy(value) for name, value in written.items() if name not in NOT_TRAINING}
    own["datasets"] |= {"folds": str(run.split_path), "fold": fold}
    settings = Settings.of(own)
    devices = choose_devices(settings.trainer["accelerator"], settings.trainer["devices"], fold, gpus)
    return replace(settings, trainer={**settings.trainer, "devices": devices})


def common_settings(written: Group) -> dict[str, Any]:
    """What all folds of a run must have in common, by dotted keys."""
    return {
        key: value
        for key, value in leaves(plain(DictConfig(written), resolve=True))
        if not any(f"{key}.".startswith(f"{prefix}.") for prefix in (*NOT_TRAINING, *MAY_DIFFER))
    }


def load_fold(checkpoint: Path, settings: Settings) -> Predictor:
    """A fold's detector: as its checkpoint says, on the device and the data of this command, seen as its test."""
    test = settings.datasets["test"]
    seen = ("batch_size", *(name for name in SIZE if name != "max_side" or test["resize"] == "short_side"))
    datasets = {name: settings.datasets[name] for name in ("root", "num_workers")}
    datasets["test"] = {name: test[name] for name in seen}
    overrides = Overrides(datasets=datasets, trainer={"accelerator": settings.trainer["accelerator"]})
    return load_detector(checkpoint, overrides).detector


def choose_devices(accelerator: str, devices: object, fold: int, gpus: int) -> object:
    """Devices of a fold: with `auto` and several GPUs one of them in turn, else those that the settings say."""
    automatic = devices == "auto" and accelerator in ("auto", "gpu", "cuda")
    return [fold % gpus] if automatic and gpus > 1 else devices


def check_one_device(devices: object, num_nodes: int) -> None:
    """Refuses to train fold after fold on several devices: processes of one fold would run into the next.

    Raises:
        ValueError: saying what to do.
    """
    several = len(devices) > 1 if isinstance(devices, list) else str(devices) not in ("auto", "0", "1")
    if several or num_nodes > 1:
        raise ValueError(
            f"expected one device per fold, got trainer.devices={devices}, trainer.num_nodes={num_nodes}; "
            "train one fold a command (kfold.fold=0, then 1, …), or folds side by side by --multirun kfold.fold=0,1,…"
        )
