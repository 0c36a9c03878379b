"""A training as `runners/train.py` runs it, watched."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import TQDMProgressBar

from baseline_code.training.callbacks import EpochLine, TrainingProgressBar, TrainingSummary
from benchmarks.reference_run.phases import Epoch, Phases
from benchmarks.reference_run.run import Run
from benchmarks.training_step import compose_preset
from runners.cli.settings import Settings
from runners.wiring.callbacks import build_callbacks
from runners.wiring.trainers import build_loggers, build_trainer
from runners.wiring.training import build_datamodule, build_module


class Watched(NamedTuple):
    """What a training leaves."""

    phases: Phases
    best: dict[str, float]  # scores of the best epoch, and its number from 0; empty where none was validated


def compose_training(run: Run, preset: str, *overrides: str) -> Settings:
    """A preset's settings on the receipts, from random weights, in bf16."""
    data = [f"datasets.root={run.data}", "trainer.precision=bf16-mixed"]
    return compose_preset(preset, *data, *overrides, *run.sizes.overrides)


def train(
    settings: Settings, folder: Path, seconds_left: Callable[[], float], ended: Callable[[Epoch], None]
) -> Watched:
    """Trains to its end, or until the next epoch would not end in time.

    Args:
        settings: of `compose_training`.
        folder: for checkpoints and logs.
        seconds_left: until the training must have ended.
        ended: called with each epoch.
    """
    pl.seed_everything(settings.seed, workers=True)
    callbacks = [kept for kept in build_callbacks(settings, folder) if not isinstance(kept, TrainingProgressBar)]
    line = next(callback for callback in callbacks if isinstance(callback, EpochLine))
    summary = next(callback for callback in callbacks if isinstance(callback, TrainingSummary))
    phases = Phases(line, seconds_left, ended)
    trainer = build_trainer(
        settings, folder, [*callbacks, phases, TQDMProgressBar(refresh_rate=0)], build_loggers(settings.logger, folder)
    )
    trainer.fit(build_module(settings), build_datamodule(settings))
    del trainer
    gc.collect()
    torch.cuda.empty_cache()
    return Watched(phases, summary.best_epoch() or {})
