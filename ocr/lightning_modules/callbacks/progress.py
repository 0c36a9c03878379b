"""Progress for people: a bar with loss parts, learning rate and images/s, and one line per epoch."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import RichProgressBar
from pytorch_lightning.utilities.types import STEP_OUTPUT

from ocr.datasets.batch import DetectionBatch
from ocr.lightning_modules.callbacks.summary import epoch_scores
from ocr.lightning_modules.optimization import learning_rates

log = logging.getLogger(__name__)

_SHORT = {
    "train_loss_step": "loss",
    "train_loss_probability_step": "P",
    "train_loss_threshold_step": "T",
    "train_loss_approximate_binary_step": "B",
}
_HIDDEN = {"v_num", *(name.replace("_step", "_epoch") for name in _SHORT)}
_SHOWN = ("train_loss", "val_precision", "val_recall", "val_hmean", "val_iou_hmean")


class TrainingProgressBar(RichProgressBar):
    """Lightning's rich bar, with the learning rate and the images per second of the epoch so far."""

    def __init__(self, refresh_rate: int = 10) -> None:
        super().__init__(refresh_rate=refresh_rate, leave=True)
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
        batch: DetectionBatch,
        batch_idx: int,
    ) -> None:
        """Counts the batch's images of all processes."""
        self._images += len(batch.records) * trainer.world_size
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    def get_metrics(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> dict[str, Any]:
        """What the module logs for the bar, the learning rate and images/s."""
        logged = super().get_metrics(trainer, pl_module)
        metrics = {_SHORT.get(name, name): value for name, value in logged.items() if name not in _HIDDEN}
        metrics["lr"] = " ".join(f"{rate:.2e}" for rate in learning_rates(trainer.optimizers))
        metrics["images/s"] = round(self._images / max(time.perf_counter() - self._started, 1e-6), 1)
        return metrics


class EpochLine(pl.Callback):
    """Logs one line per epoch, for logs and terminals where no bar is drawn."""

    def __init__(self) -> None:
        self._started = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the epoch's clock."""
        self._started = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs loss, scores, learning rate and time."""
        scores = epoch_scores(trainer)
        shown = [f"{name} {scores[name]:.4f}" for name in _SHOWN if name in scores]
        rates = " ".join(f"{rate:.2e}" for rate in learning_rates(trainer.optimizers))
        seconds = time.perf_counter() - self._started
        log.info(
            "epoch %d/%s: %s, lr %s, %.0f s",
            trainer.current_epoch + 1,
            trainer.max_epochs,
            ", ".join(shown),
            rates,
            seconds,
        )
