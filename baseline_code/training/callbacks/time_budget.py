"""A training that fits into a time: as many epochs as there is room for, and a validation at the end."""

from __future__ import annotations

import logging
import re
import time

import pytorch_lightning as pl
from pytorch_lightning.utilities.types import STEP_OUTPUT

from baseline_code.training.callbacks.progress import format_time
from baseline_code.training.callbacks.validation import is_validated
from baseline_code.training.modules import NamedBatch
from baseline_code.training.optimization import StepSchedule

log = logging.getLogger(__name__)

MARGIN = 1.2
"""So much longer than the last one the last validation may take."""
_TIME = re.compile(r"(\d+):([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)")


def parse_time(text: str) -> float:
    """Seconds of days, hours, minutes and seconds, as Lightning writes them: `00:02:30:00`.

    Raises:
        ValueError: if it is anything else, or no time at all.
    """
    found = _TIME.fullmatch(text)
    days, hours, minutes, seconds = map(int, found.groups()) if found else (0, 0, 0, 0)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total == 0:
        raise ValueError(f"expected trainer.max_time as DD:HH:MM:SS, such as 00:02:30:00, got {text!r}")
    return float(total)


class TimeBudget(pl.Callback):
    """Gives a training as many epochs as fit into a time, and its learning rate a schedule of that length.

    After each epoch the number of epochs follows from their mean time so far, in either direction. Where the time runs
    out within an epoch, the epoch ends there and is validated: there is always a checkpoint with a score.

    Args:
        seconds: of the whole command, from here on.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._first: tuple[int, float] | None = None  # epoch of this process, and when it began
        self._batches = 0  # of the first epoch
        self._validation_began = 0.0
        self._validation: float | None = None  # seconds of the last one

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._ends - time.monotonic()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the clock of the epochs."""
        self._first = self._first or (trainer.current_epoch, time.monotonic())

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the clock of the validation."""
        self._validation_began = time.monotonic()

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keeps its time."""
        self._validation = time.monotonic() - self._validation_began

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: STEP_OUTPUT,
        batch: NamedBatch,
        batch_idx: int,
    ) -> None:
        """Ends the epoch where no more time is left than its validation needs."""
        self._batches += 1
        is_over = self.left < MARGIN * self._validation_seconds(trainer)
        if trainer.strategy.broadcast(is_over) and not trainer.should_stop:
            log.warning("trainer.max_time: epoch %d ends after %d batches", trainer.current_epoch + 1, batch_idx + 1)
            trainer.check_val_every_n_epoch = 1
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Sets the number of epochs, and the length of the schedule; never ends with an epoch without a validation."""
        if self._first is None or trainer.should_stop:
            return
        first, began = self._first
        done = trainer.current_epoch + 1
        seconds = (time.monotonic() - began) / (done - first)
        least = 0 if is_validated(trainer) else 1
        epochs = trainer.strategy.broadcast(done + max(least, int(self.left / seconds)))
        if epochs == trainer.max_epochs:
            return
        log.info("trainer.max_time: %d epochs fit into the time, %s each", epochs, format_time(seconds))
        trainer.fit_loop.max_epochs = epochs
        for config in trainer.lr_scheduler_configs:
            if isinstance(config.scheduler, StepSchedule):
                config.scheduler.refit(round(trainer.global_step / done * epochs), epochs)

    def _validation_seconds(self, trainer: pl.Trainer) -> float:
        """Of the last validation; before there was one, as if its batches took as long as those of the training."""
        if self._validation is not None or self._first is None:
            return self._validation or 0.0
        return (time.monotonic() - self._first[1]) / self._batches * sum(trainer.num_val_batches)
