"""The classifier as a LightningModule: training step, evaluation, prediction, what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor, nn

from baseline_code.classifier.loss import class_probabilities, classification_loss
from baseline_code.classifier.metrics import classification_metrics
from baseline_code.classifier.mixup import mix
from baseline_code.classifier.predictions import BatchPrediction, LabelledPredictions, Prediction
from baseline_code.images.unreadable import UnreadableImage
from baseline_code.models.normalisation import Normalisation
from baseline_code.training.modules import TrainingModule, log_training_value
from baseline_code.training.optimization import OptimizerFactory, ScheduleFactory, configure_optimization

_METRICS = ("accuracy", "precision", "recall", "f1", "auc")
LOGGED = ("train_loss", "train_accuracy", "val_loss", *(f"val_{name}" for name in _METRICS))
"""What an epoch has, where it is validated."""


class ImageBatch(Protocol):
    """What the module asks of a batch without labels."""

    images: Tensor  # (N, 3, H, W) uint8 RGB
    filenames: tuple[str, ...]


class LabelledBatch(ImageBatch, Protocol):
    """What the module asks of a batch."""

    labels: Tensor  # (N,) int64


class ClassificationModule(TrainingModule):
    """Trains, evaluates and predicts with one classification network.

    Logs `train_loss` per step and as the epoch's mean, `train_accuracy` as that, `val_loss`, `val_accuracy`,
    `val_precision`, `val_recall`, `val_f1` and `val_auc` (see `classification_metrics`); `test_…` likewise. The losses
    of validation and test are those of the plain labels: without smoothing, mixing and weights. The test runs in one
    process and its predictions are kept in `tested`.

    Args:
        network: (N, 3, H, W) float -> (N, C) logits, or (N, 1), the logit of class 1 of two.
        classes: names, in the order of the labels.
        optimizer: builds the optimiser.
        schedule: builds the learning-rate schedule.
        mean: of the RGB channels, in [0, 1], taken off each image.
        std: likewise, each image is then divided by it.
        label_smoothing: fraction of a label that is spread evenly over all classes, in [0, 1).
        mixup: alpha of the blending of images in training; 0 is none.
        class_weights: weight of each class in the training loss, or None.
        seed: of the blending.
        channels_last: hold weights and activations channels last.
        compile: run the network through `torch.compile`; checkpoints stay the same.
        config: the settings to keep in checkpoints, plain containers only.

    Raises:
        ValueError: for values outside these limits, or fewer than two classes.
    """

    class_weights: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        classes: Sequence[str],
        optimizer: OptimizerFactory,
        schedule: ScheduleFactory,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        label_smoothing: float = 0.0,
        mixup: float = 0.0,
        class_weights: Sequence[float] | None = None,
        seed: int = 0,
        channels_last: bool = True,
        compile: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(config)
        _check_settings(mean, std, label_smoothing, mixup)
        self.network = network.to(memory_format=torch.channels_last) if channels_last else network
        if compile:
            self.network.compile()
        self.classes = tuple(classes)
        self.optimizer_factory = optimizer
        self.schedule_factory = schedule
        self.label_smoothing = label_smoothing
        self.mixup = mixup
        self.seed = seed
        self.val_metrics = classification_metrics(len(self.classes), prefix="val_")
        self.test_metrics = classification_metrics(len(self.classes), prefix="test_", sync_on_compute=False)
        self._tested: LabelledPredictions | None = None
        self._test_batches: list[tuple[tuple[str, ...], Tensor, Tensor]] = []
        self.normalise = Normalisation(mean, std)
        weights = None if class_weights is None else torch.tensor(tuple(class_weights))
        self.register_buffer("class_weights", weights, persistent=False)

    @property
    def tested(self) -> LabelledPredictions:
        """The predictions of the last test.

        Raises:
            RuntimeError: if there was none yet.
        """
        if self._tested is None:
            raise RuntimeError("expected a test before its predictions are read, there was none yet")
        return self._tested

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB -> (N, C) or (N, 1) logits.

        Raises:
            ValueError: if the network has another number of outputs than the classes ask for.
        """
        return self._logits(self.normalise(images))

    def training_step(self, batch: LabelledBatch, batch_idx: int) -> Tensor:
        """Loss of one batch, logged with the accuracy on it (of a blended batch: by its larger fraction)."""
        if self.mixup == 0:
            logits = self(batch.images)
            loss = self._training_loss(logits, batch.labels)
        else:
            key = (self.seed, self.current_epoch, batch_idx, self.global_rank)
            mixed = mix(self.normalise(batch.images), batch.labels, alpha=self.mixup, key=key)
            logits = self._logits(mixed.images)
            own, partner = (self._training_loss(logits, labels) for labels in (mixed.labels, mixed.partner_labels))
            loss = mixed.fraction * own + (1 - mixed.fraction) * partner
        predicted = class_probabilities(logits.detach()).argmax(dim=1)
        accuracy = (predicted == batch.labels).float().mean()
        size = len(batch.filenames)
        log_training_value(self, "train_loss", loss, size)
        self.log(
            "train_accuracy", accuracy, on_step=False, on_epoch=True, prog_bar=True, batch_size=size, sync_dist=True
        )
        return loss

    def validation_step(self, batch: LabelledBatch, batch_idx: int) -> None:
        """Scores a batch."""
        logits = self(batch.images)
        loss = classification_loss(logits, batch.labels)
        self.log("val_loss", loss, prog_bar=True, batch_size=len(batch.filenames), sync_dist=True)
        self.val_metrics.update(self._scored(logits), batch.labels)

    def on_validation_epoch_end(self) -> None:
        """Logs the scores over all images of all processes."""
        for name, score in self.val_metrics.compute().items():
            self.log(name, score, prog_bar=name == "val_accuracy")
        self.val_metrics.reset()

    def on_test_epoch_start(self) -> None:
        """Forgets the last test."""
        self._test_batches.clear()

    def test_step(self, batch: LabelledBatch, batch_idx: int) -> None:
        """Scores a batch and keeps what was said of it."""
        logits = self(batch.images)
        self.log("test_loss", classification_loss(logits, batch.labels), batch_size=len(batch.filenames))
        self.test_metrics.update(self._scored(logits), batch.labels)
        self._test_batches.append((batch.filenames, batch.labels, class_probabilities(logits)))

    def on_test_epoch_end(self) -> None:
        """Logs the scores over all images."""
        self.log_dict(self.test_metrics.compute())
        self.test_metrics.reset()
        names, labels, probabilities = zip(*self._test_batches, strict=True)
        self._test_batches.clear()
        self._tested = LabelledPredictions(
            tuple(name for part in names for name in part),
            torch.cat(labels).cpu().numpy().astype(np.int64),
            torch.cat(probabilities).cpu().numpy().astype(np.float32),
        )

    def predict_step(self, batch: ImageBatch, batch_idx: int) -> BatchPrediction:
        """The class of each image of the batch; files that could not be read are passed on."""
        unreadable: tuple[UnreadableImage, ...] = getattr(batch, "unreadable", ())
        if not batch.filenames:
            return BatchPrediction((), unreadable)
        rows = class_probabilities(self(batch.images).detach()).cpu().numpy()
        likeliest = rows.argmax(axis=1)
        predictions = (
            Prediction(name, self.classes[index], tuple(row.tolist()))
            for name, index, row in zip(batch.filenames, likeliest, rows, strict=True)
        )
        return BatchPrediction(tuple(predictions), unreadable)

    def _logits(self, normalised: Tensor) -> Tensor:
        logits: Tensor = self.network(normalised)
        outputs, expected = logits.shape[1], {len(self.classes)} | ({1} if len(self.classes) == 2 else set())
        if outputs not in expected:
            raise ValueError(
                f"expected a network of {' or '.join(map(str, sorted(expected)))} outputs for the "
                f"{len(self.classes)} classes {', '.join(self.classes)}, got {outputs}"
            )
        return logits

    def _training_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return classification_loss(
            logits, labels, label_smoothing=self.label_smoothing, class_weights=self.class_weights
        )

    def _scored(self, logits: Tensor) -> Tensor:
        """What the metrics take: (N,) probability of class 1 of two, else (N, C)."""
        probabilities = class_probabilities(logits)
        return probabilities[:, 1] if len(self.classes) == 2 else probabilities

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """The optimiser, and its schedule stepped per optimiser step over the whole training."""
        return configure_optimization(self.network, self.trainer, self.optimizer_factory, self.schedule_factory)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the classes, too."""
        super().on_save_checkpoint(checkpoint)
        checkpoint["classes"] = list(self.classes)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restores the random generators.

        Raises:
            ValueError: if the checkpoint was trained on other classes.
        """
        classes = tuple(checkpoint.get("classes", self.classes))
        if classes != self.classes:
            raise ValueError(f"expected a checkpoint of the classes {self.classes}, got one of {classes}")
        super().on_load_checkpoint(checkpoint)


def _check_settings(mean: Sequence[float], std: Sequence[float], label_smoothing: float, mixup: float) -> None:
    if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
        raise ValueError(f"expected datasets.mean and datasets.std of 3 channels, std > 0, got {mean} and {std}")
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"expected models.label_smoothing in [0, 1), got {label_smoothing}")
    if mixup < 0:
        raise ValueError(f"expected models.mixup >= 0, got {mixup}")
