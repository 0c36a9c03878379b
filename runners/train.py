"""Train a detector: `python runners/train.py preset=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("train")  # before torch is imported

from pathlib import Path
from typing import NamedTuple

import pytorch_lightning as pl

from ocr.lightning_modules.text_detection import LOSS_NAMES, SCORE_NAMES, VALIDATION_LOSS
from runners.cli.settings import Group, Settings
from runners.wiring.callbacks import best_score, build_callbacks, check_monitor
from runners.wiring.experiment_log import log_run, print_settings, say_next_step
from runners.wiring.fitting import fit
from runners.wiring.resuming import find_resume
from runners.wiring.run_folder import RunRecord, claimed_run
from runners.wiring.trainers import build_loggers, build_trainer
from runners.wiring.training import announce, build_datamodule, build_module, check_start, check_words, watch


class TrainingOutcome(NamedTuple):
    """What a training that ended leaves."""

    score: float | None  # the best monitored one; None where none was monitored
    checkpoint: Path  # of the best epoch
    epochs: int  # trained, with those before it was resumed


@entry_point("train")
def main(written: Group) -> float | None:
    """Trains, and returns the best monitored score."""
    settings = Settings.of(written)
    with claimed_run(settings.trainer["num_nodes"]) as folder:
        announce(settings)
        print_settings(written)
        return train_detector(settings, folder, settings.resume).score


def train_detector(settings: Settings, folder: Path, resume: str | None) -> TrainingOutcome:
    """Trains a detector, and adds its row to the experiment log.

    Args:
        settings: as of configs/train.yaml.
        folder: for checkpoints, logs and summary.
        resume: None, a checkpoint, or `auto` for the folder's last one where there is one.

    Raises:
        runners.wiring.checkpoints.CheckpointError: if there is nothing to resume, or a training that must not be
            overwritten.
        ValueError: if the data or a setting does not hold.
    """
    resumed = find_resume(resume, folder)
    pl.seed_everything(settings.seed, workers=True, verbose=False)
    validated = settings.trainer["limit_val_batches"] != 0
    with log_run(settings, folder) as run:
        callbacks = [*build_callbacks(settings, folder, validated=validated), RunRecord(folder, settings.written)]
        check_monitor(callbacks, (*LOSS_NAMES, VALIDATION_LOSS, *SCORE_NAMES))
        trainer = build_trainer(
            settings, folder, callbacks, build_loggers(settings.logger, folder), validated=validated
        )
        datamodule = build_datamodule(settings)
        datamodule.setup("fit")
        check_start(settings, datamodule)
        check_words(settings, datamodule)
        module = build_module(settings)
        run.follow(trainer, module)
        watch(trainer, datamodule, folder)
        fit(settings, trainer, module, datamodule, resumed)
        say_next_step(trainer)
    best = folder / "checkpoints" / "best.ckpt"
    if trainer.is_global_zero and not best.is_file():
        asked = ", ".join(f"trainer.{name}={settings.trainer[name]}" for name in ("max_epochs", "limit_train_batches"))
        raise ValueError(f"{folder}: expected an epoch to be trained, got none: {asked}")
    return TrainingOutcome(best_score(trainer), best, trainer.current_epoch)


if __name__ == "__main__":
    main()
