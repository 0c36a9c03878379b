"""What hangs on the validation: the epochs that have one, the best checkpoint, early stopping."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

log = logging.getLogger(__name__)

EPOCH = "epoch"  # what Lightning's checkpoints can monitor where nothing is validated: the largest is the last


def is_validated(trainer: pl.Trainer) -> bool:
    """Whether the current epoch ends with a validation."""
    every = trainer.check_val_every_n_epoch
    return every is None or (trainer.current_epoch + 1) % every == 0


class LastEpochValidation(pl.Callback):
    """Validates the last epoch also where it is no multiple of `trainer.check_val_every_n_epoch`.

    Without it, a training that is shorter than this interval leaves no best checkpoint, and the epochs behind the last
    multiple count for nothing.
    """

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Says so where the interval is longer than the training."""
        every, epochs = trainer.check_val_every_n_epoch, trainer.max_epochs
        if every is not None and epochs is not None and every > epochs > 0:
            log.info(
                "trainer.check_val_every_n_epoch=%d is longer than trainer.max_epochs=%d: the last epoch is validated",
                every,
                epochs,
            )

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """As before each epoch, also where a training goes on in the middle of one."""
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Before the last epoch, lets the trainer validate every one."""
        if trainer.max_epochs is not None and trainer.current_epoch + 1 >= trainer.max_epochs > 0:
            trainer.check_val_every_n_epoch = 1


class RunCheckpoint(ModelCheckpoint):
    """Writes one file at the ends of epochs, in place of the earlier one.

    Departures from Lightning's: the state is found again whatever the settings, and wherever the run's folder is by
    now; a score of an earlier epoch is never taken for that of one without a validation.

    Args:
        folder: of the file.
        name: of the file, without `.ckpt`.
        monitor: the score whose best epoch is kept, `epoch` for the last one, or None: every epoch's, unconditionally.
        mode: `max` or `min`.

    Attributes:
        carried: whether the best file so far is in `folder` where a training goes on; if not, the best is chosen
            among the epochs to come.
        validated_on: fingerprint of what the scores are of; scores of others do not compare. Kept in checkpoints.
    """

    def __init__(self, folder: Path, name: str, monitor: str | None = None, mode: str = "max") -> None:
        super().__init__(
            dirpath=folder,
            filename=name,
            monitor=monitor,
            mode=mode,
            every_n_epochs=1,
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
        self.name = name
        self.carried = True
        self.validated_on: str | None = None

    def state_dict(self) -> dict[str, Any]:
        """Lightning's, and what was validated on."""
        return {**super().state_dict(), "validated_on": self.validated_on}

    @property
    def state_key(self) -> str:
        """`best.ckpt`, whatever is monitored."""
        return f"{self.name}{self.FILE_EXTENSION}"

    @property
    def path(self) -> Path:
        """Of the file."""
        return Path(str(self.dirpath)) / self.state_key

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Lightning warns of a folder that is not empty; here that is a training that goes on."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Checkpoint directory .* exists and is not empty")
            super().setup(trainer, pl_module, stage)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes, where the epoch is better; one that was not validated is no candidate for the best score."""
        if self.monitor in (None, EPOCH) or not str(self.monitor).startswith("val_") or is_validated(trainer):
            super().on_train_epoch_end(trainer, pl_module)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with the best score so far, of the file that is here now."""
        if not self.carried or self.monitor is None or state_dict["best_model_score"] is None:
            return
        path = str(self.path)
        here = dict.fromkeys(("best_model_path", "kth_best_model_path"), path)
        best = {path: state_dict["best_model_score"]}
        super().load_state_dict({**state_dict, **here, "best_k_models": best, "dirpath": self.dirpath})


class PatientStopping(EarlyStopping):
    """Lightning's early stopping; a training that goes on keeps its count of epochs, but not its patience.

    A training that has used up its patience stays stopped.

    Attributes:
        carried: whether the best score so far counts where a training goes on; if not, the count starts anew.
    """

    carried = True

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with the best score and the epochs since; the patience is that of the settings."""
        if self.carried:
            super().load_state_dict({**state_dict, "patience": self.patience})

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Ends at once where the patience is used up already."""
        if self.wait_count >= max(1, self.patience):
            log.info(
                "%s has not improved for %d validations: the training stays stopped by early_stopping.patience=%d; a "
                "larger one goes on with it",
                self.monitor,
                self.wait_count,
                self.patience,
            )
            trainer.should_stop = True

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Says that it was this which ended the training."""
        if self.stopped_epoch == trainer.current_epoch - 1 and self.stopped_epoch > 0:
            log.info(
                "stopped early at epoch %d: %s has not improved for %d validations",
                self.stopped_epoch + 1,
                self.monitor,
                self.wait_count,
            )
