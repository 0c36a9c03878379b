"""Early stopping whose patience is the one that was typed last."""

from __future__ import annotations

import logging
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping

log = logging.getLogger(__name__)


class PatientStopping(EarlyStopping):
    """Lightning's early stopping; a training that goes on keeps its count of epochs, but not its patience.

    A training that has used up its patience stays stopped.
    """

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with the best score and the epochs since; the patience is that of the settings."""
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
