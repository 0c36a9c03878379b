"""Which epochs are validated: every so many, and the last one in any case."""

from __future__ import annotations

import logging

import pytorch_lightning as pl

log = logging.getLogger(__name__)


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
