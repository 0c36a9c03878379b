"""Where the seconds of each epoch of a training go."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pytorch_lightning as pl

from baseline_code.training.callbacks import EpochLine
from baseline_code.training.callbacks.summary import epoch_scores


@dataclass(frozen=True)
class Epoch:
    """One epoch, from its first wait for a batch to the end of its validation; saving is counted in the next one."""

    epoch: int  # from 1
    images_per_s: float  # of the training batches
    waiting: float  # fraction of their time, in [0, 1]
    training_s: float
    validation_s: float
    saving_s: float  # between the epoch before and this one
    scores: dict[str, float]

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.training_s + self.validation_s + self.saving_s

    def row(self) -> dict[str, Any]:
        """Flat, for the results."""
        facts = asdict(self)
        scores = facts.pop("scores")
        return {**facts, **scores}


class Phases(pl.Callback):
    """Collects the epochs, and stops the training when another one would not end in time.

    Args:
        line: measures speed and waiting; comes before this callback.
        seconds_left: until the training must have ended.
        ended: called with each epoch.
    """

    def __init__(self, line: EpochLine, seconds_left: Callable[[], float], ended: Callable[[Epoch], None]) -> None:
        self.line = line
        self.seconds_left = seconds_left
        self.ended = ended
        self.epochs: list[Epoch] = []
        self.out_of_time = False
        self._begun = self._trained = self._over = 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Nothing was saved yet."""
        self._over = time.perf_counter()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The clock of the epoch."""
        self._begun = time.perf_counter()

    def on_train_batch_end(self, *_: object) -> None:
        """The last one counts."""
        self._trained = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keeps the epoch; it is saved after this."""
        saving, self._over = self._begun - self._over, time.perf_counter()
        epoch = Epoch(
            epoch=trainer.current_epoch + 1,
            images_per_s=self.line.images_per_second,
            waiting=self.line.waiting,
            training_s=self._trained - self._begun,
            validation_s=self._over - self._trained,
            saving_s=saving,
            scores=epoch_scores(trainer),
        )
        self.epochs.append(epoch)
        self.ended(epoch)
        if max(epoch.seconds for epoch in self.epochs) > self.seconds_left():
            self.out_of_time = trainer.should_stop = True
