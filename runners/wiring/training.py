"""One detector's training, from its settings to its best checkpoint."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import pytorch_lightning as pl
from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only

from ocr.lightning_modules.text_detection import LOSS_NAMES, SCORE_NAMES
from runners.wiring.detector import build_datamodule, build_module
from runners.wiring.experiment_log import log_run
from runners.wiring.fitting import fit
from runners.wiring.resuming import find_resume
from runners.wiring.run_folder import RunRecord
from runners.wiring.trainers import best_score, build_callbacks, build_trainer, check_monitor
from runners.wiring.training_words import check_words

SAMPLE = "data/sample"  # datasets.root where nobody chose one

log = logging.getLogger(__name__)


class TrainingOutcome(NamedTuple):
    """What a training that ended leaves."""

    score: float | None  # the best monitored one; None where none was monitored
    checkpoint: Path  # of the best epoch
    epochs: int  # trained, with those before it was resumed


@rank_zero_only
def announce(config: DictConfig) -> None:
    """Logs what a person may not expect of a training: data that nobody chose, and sizes that differ.

    Args:
        config: settings as of configs/train.yaml.

    Raises:
        ValueError: if the sample cannot be read, or a setting of the data does not hold.
    """
    datasets = config.datasets
    if datasets.root == SAMPLE:
        data = build_datamodule(config)
        count = len(data.annotations(data.train))
        log.info("%s: %d generated receipts; yours: datasets.root=…", SAMPLE, count)
    if datasets.train.img_size != datasets.val.img_size:
        log.warning(
            "trains at datasets.train.img_size=%s and validates at datasets.val.img_size=%s: early stopping and "
            "best.ckpt go by the scores at %s",
            datasets.train.img_size,
            datasets.val.img_size,
            datasets.val.img_size,
        )
    if datasets.val.img_size != datasets.test.img_size:
        log.warning(
            "validates at datasets.val.img_size=%s, but predicts the test at datasets.test.img_size=%s",
            datasets.val.img_size,
            datasets.test.img_size,
        )


def train_detector(config: DictConfig, folder: Path, resume: str | None) -> TrainingOutcome:
    """Trains a detector, and adds its row to the experiment log.

    Args:
        config: settings as of configs/train.yaml.
        folder: for checkpoints, logs and summary.
        resume: None, a checkpoint, or `auto` for the folder's last one where there is one.

    Raises:
        runners.wiring.checkpoints.CheckpointError: if there is nothing to resume, or a training that must not be
            overwritten.
        ValueError: if the data or a setting does not hold.
    """
    resumed = find_resume(resume, folder)
    pl.seed_everything(config.seed, workers=True)
    validated = config.trainer.limit_val_batches != 0
    with log_run(config, folder) as run:
        callbacks = [*build_callbacks(config, folder, validated=validated), RunRecord(folder, config)]
        check_monitor(callbacks, (*LOSS_NAMES, *SCORE_NAMES))
        datamodule = build_datamodule(config)
        datamodule.setup("fit")
        check_words(config, datamodule)
        module = build_module(config)
        trainer = build_trainer(config, folder, callbacks, validated=validated)
        run.follow(trainer, module)
        fit(config, trainer, module, datamodule, resumed)
    best = folder / "checkpoints" / "best.ckpt"
    if trainer.is_global_zero and not best.is_file():
        raise ValueError(
            f"{folder}: expected an epoch to be trained, got none: trainer.max_epochs={config.trainer.max_epochs}, "
            f"trainer.limit_train_batches={config.trainer.limit_train_batches}"
        )
    return TrainingOutcome(best_score(trainer), best, trainer.current_epoch)
