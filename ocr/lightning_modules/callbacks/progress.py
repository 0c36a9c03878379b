"""Progress for people: a bar with loss parts, learning rate and images/s, and one line per epoch."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import RichProgressBar
from pytorch_lightning.utilities.types import STEP_OUTPUT

from ocr.datasets.batch import DetectionBatch
from ocr.lightning_modules.optimization import learning_rates

log = logging.getLogger(__name__)

_SHORT = {
    "train_loss": "loss",
    "train_loss_probability": "P",
    "train_loss_threshold": "T",
    "train_loss_approximate_binary": "B",
}
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
        metrics = {_SHORT.get(name, name): value for name, value in super().get_metrics(trainer, pl_module).items()}
        metrics.pop("v_num", None)
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
        metrics = trainer.callback_metrics
        shown = [f"{name} {float(metrics[name]):.4f}" for name in _SHOWN if name in metrics]
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
