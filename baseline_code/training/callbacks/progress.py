"""Progress for people: a bar with loss parts, learning rate and images/s, and one line per epoch."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import RichProgressBar
from pytorch_lightning.utilities.types import STEP_OUTPUT

from baseline_code.training.callbacks.summary import epoch_scores, is_best_epoch
from baseline_code.training.modules import NamedBatch
from baseline_code.training.optimization import learning_rates

log = logging.getLogger(__name__)

_PART = "train_loss_"
_FIRST_LINE = 60.0
"""Seconds after which a first epoch that goes on says how long the training will take."""


class TrainingProgressBar(RichProgressBar):
    """Lightning's rich bar, with the learning rate and the images per second of the epoch so far.

    What it shows of the loss has to come from the device, so in training it moves every `refresh_rate` batches only.

    Args:
        refresh_rate: batches from one move to the next.
        short_names: of values that are logged per step and per epoch (see `log_training_value`), by their names: the
            bar shows the step's value under the short name, and not the epoch's.
    """

    def __init__(self, refresh_rate: int = 10, short_names: Mapping[str, str] | None = None) -> None:
        super().__init__(refresh_rate=refresh_rate, leave=True)
        short_names = short_names or {}
        self._short = {f"{name}_step": short for name, short in short_names.items()}
        self._hidden = {"v_num", *(f"{name}_epoch" for name in short_names)}
        self._started = 0.0
        self._images = 0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the epoch's clock."""
        super().on_train_epoch_start(trainer, pl_module)
        self._started, self._images = time.perf_counter(), 0

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: STEP_OUTPUT,
        batch: NamedBatch,
        batch_idx: int,
    ) -> None:
        """Counts the batch's images of all processes; draws where it is time."""
        self._images += len(batch.filenames) * trainer.world_size
        done = batch_idx + 1
        if self.is_enabled and (done % self.refresh_rate == 0 or done == self.total_train_batches):
            super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    def _get_train_description(self, current_epoch: int) -> str:
        """Lightning counts epochs from 0."""
        return f"Epoch {current_epoch + 1}/{self.trainer.max_epochs}".ljust(len(self.validation_description))

    def get_metrics(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> dict[str, Any]:
        """What the module logs for the bar, the learning rate and images/s."""
        logged = super().get_metrics(trainer, pl_module)
        metrics = {self._short.get(name, name): value for name, value in logged.items() if name not in self._hidden}
        metrics["lr"] = " ".join(f"{rate:.2e}" for rate in learning_rates(trainer.optimizers))
        metrics["images/s"] = round(self._images / max(time.perf_counter() - self._started, 1e-6), 1)
        return metrics


class EpochLine(pl.Callback):
    """Logs one line per epoch, for logs and terminals where no bar is drawn; a first one after a minute.

    Speed and waiting are those of the training batches alone. Waiting is the fraction of their time between one step
    and the next, which goes by with loading: where it is more than some per cent, more workers or less work per image
    help.

    Args:
        log_every_n_steps: the trainer's; after such a step the loggers wait for the device, and that is not loading.
        shown: names of the losses and scores in the line, in its order; those that an epoch lacks are left out. None:
            all that the epoch has.
    """

    def __init__(self, log_every_n_steps: int = 10, shown: Sequence[str] | None = None) -> None:
        self.log_every_n_steps = log_every_n_steps
        self.shown = shown
        self._started = 0.0
        self._ended = 0.0  # the last step, or what came before the first
        self._waited = 0.0
        self._images = 0
        self._begun: tuple[int, float] | None = None  # the first epoch of this process, and when it began
        self._estimated = False

    @property
    def images_per_second(self) -> float:
        """Images trained on so far in this epoch, by time."""
        return self._images / max(self._ended - self._started, 1e-6)

    @property
    def waiting(self) -> float:
        """Fraction of that time in which the next batch was waited for, in [0, 1]."""
        return self._waited / max(self._ended - self._started, 1e-6)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the epoch's clock."""
        self._started = self._ended = time.perf_counter()
        self._begun = self._begun or (trainer.current_epoch, self._started)
        self._waited, self._images = 0.0, 0

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: NamedBatch, batch_idx: int
    ) -> None:
        """Adds the time since the last step."""
        self._waited += time.perf_counter() - self._ended

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: STEP_OUTPUT,
        batch: NamedBatch,
        batch_idx: int,
    ) -> None:
        """Counts the batch's images of all processes."""
        self._images += len(batch.filenames) * trainer.world_size
        if pl_module.device.type == "cuda" and trainer.global_step % self.log_every_n_steps == 0:
            torch.cuda.synchronize()
        self._ended = time.perf_counter()
        if not self._estimated and self._ended - self._started >= _FIRST_LINE:
            self._estimated = True
            self._estimate(trainer, batch_idx + 1)

    def _estimate(self, trainer: pl.Trainer, done: int) -> None:
        """Logs how long the training will take at the speed of these first batches."""
        batches = trainer.num_training_batches
        epochs = (trainer.max_epochs or 0) - trainer.current_epoch
        if done < batches and epochs > 0:
            seconds = (self._ended - self._started) / done
            log.info(
                "epoch %d/%s: %d of %d batches, %.1f s each: the rest of %s epochs takes about %s, without validations",
                trainer.current_epoch + 1,
                trainer.max_epochs,
                done,
                batches,
                seconds,
                trainer.max_epochs,
                format_time(seconds * (batches * epochs - done)),
            )

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs loss and its parts, scores, learning rate, speed and time; marks the best epoch so far.

        The loggers get `images_per_second`, `waiting_for_data` (a fraction) and `memory_gib`: the most that tensors
        took on the device, without one the most that the process did.
        """
        pl_module.log_dict(
            {
                "images_per_second": self.images_per_second,
                "waiting_for_data": self.waiting,
                "memory_gib": _memory(pl_module.device),
            }
        )
        scores = epoch_scores(trainer)
        names = scores if self.shown is None else self.shown
        shown = [f"{name} {scores[name]:.4f}" for name in names if name in scores]
        parts = [f"{name.removeprefix(_PART)} {value:.4f}" for name, value in scores.items() if name.startswith(_PART)]
        if parts and self.shown is not None:
            shown[0] += f" ({', '.join(parts)})"
        rates = " ".join(f"{rate:.2e}" for rate in learning_rates(trainer.optimizers))
        log.info(
            "epoch %d/%s: %s, lr %s, %.1f images/s, waiting for data %.0f %%, %.0f s%s%s",
            trainer.current_epoch + 1,
            trainer.max_epochs,
            ", ".join(shown),
            rates,
            self.images_per_second,
            100 * self.waiting,
            time.perf_counter() - self._started,
            self._left(trainer),
            ", the best so far" if is_best_epoch(trainer) else "",
        )

    def _left(self, trainer: pl.Trainer) -> str:
        """The time until the last epoch ends, at the mean of the epochs so far; nothing after it."""
        first, began = self._begun or (trainer.current_epoch, self._started)
        done, epochs = trainer.current_epoch + 1, trainer.max_epochs or 0
        seconds = (time.perf_counter() - began) / (done - first) * (epochs - done)
        return f", {format_time(seconds)} left" if epochs > done else ""


def _memory(device: torch.device) -> float:
    """The most so far, GiB; 0 where nothing tells."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**30
    if sys.platform == "win32":
        return 0.0
    import resource  # which Windows lacks

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, KiB elsewhere
    return most / (2**30 if sys.platform == "darwin" else 2**20)


def format_time(seconds: float) -> str:
    """`40 s`, `12 min` or `3 h 05 min`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
