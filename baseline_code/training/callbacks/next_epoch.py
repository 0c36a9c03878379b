"""The next epoch's first batches are loaded while this one is validated and saved."""

from __future__ import annotations

import pytorch_lightning as pl
from pytorch_lightning.trainer.states import TrainerFn

from baseline_code.training.epoch_loader import EpochLoader


class NextEpochLoading(pl.Callback):
    """Lets the loading processes begin the next epoch as soon as a training's epoch has its last batch.

    They would be idle during the validation, and the first step after it would wait for the first batch.
    """

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins where the epoch is validated."""
        self._begin(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins where it is not, before anything is saved."""
        self._begin(trainer)

    def _begin(self, trainer: pl.Trainer) -> None:
        following, last, loader = trainer.current_epoch + 1, trainer.max_epochs, trainer.train_dataloader
        ends = trainer.should_stop or (last is not None and 0 <= last <= following)
        if trainer.state.fn == TrainerFn.FITTING and not ends and isinstance(loader, EpochLoader):
            loader.begin(following)
