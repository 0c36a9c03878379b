"""The detector as a LightningModule: training step, evaluation, prediction, what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytorch_lightning as pl
import torch
import torch.distributed
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor

from ocr.datasets.batch import DetectionBatch, ImageRecord, UnreadableImage
from ocr.lightning_modules.optimization import OptimizerFactory, ScheduleFactory
from ocr.losses import DBLoss
from ocr.metrics import EvaluationResult, Evaluator, ImageScore
from ocr.models import TextDetector
from ocr.postprocess import DBPostProcess, Detections

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
LOSS_NAMES = ("train_loss", "train_loss_probability", "train_loss_threshold", "train_loss_approximate_binary")


@dataclass(frozen=True)
class BatchPrediction:
    """What was found in a batch, in original pixels, and which files could not be read."""

    predictions: list[tuple[ImageRecord, Detections]]
    unreadable: tuple[UnreadableImage, ...]

    def to(self, device: torch.device | str) -> BatchPrediction:
        """Itself: it holds no tensors. Lightning asks, and would otherwise take it apart and fail on the records."""
        return self


class TextDetectionModule(pl.LightningModule):
    """Trains, evaluates and predicts with one detector.

    Logs `train_loss` and its parts, per step and as the epoch's mean, `val_precision`, `val_recall`, `val_hmean`
    (CLEval, mean over images) and `val_iou_precision`, `val_iou_recall`, `val_iou_hmean` (IoU 0.5, pooled counts);
    `test_…` likewise.

    Args:
        detector: images -> maps.
        loss: maps and training maps -> loss.
        postprocess: probability map -> polygons.
        optimizer: builds the optimiser.
        schedule: builds the learning-rate schedule.
        channels_last: hold weights and activations channels last.
        compile: run the detector through `torch.compile`; checkpoints stay the same.
        config: the resolved settings to keep in checkpoints, plain containers only.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        detector: TextDetector,
        loss: DBLoss,
        postprocess: DBPostProcess,
        optimizer: OptimizerFactory,
        schedule: ScheduleFactory,
        *,
        channels_last: bool = True,
        compile: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.detector = detector.to(memory_format=torch.channels_last) if channels_last else detector
        if compile:
            self.detector.compile()
        self.loss = loss
        self.postprocess = postprocess
        self.optimizer_factory = optimizer
        self.schedule_factory = schedule
        self.config = dict(config or {})
        self._evaluation: EvaluationResult | None = None
        self._evaluator = Evaluator()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    @property
    def evaluation(self) -> EvaluationResult:
        """Scores of the last validation or test.

        Raises:
            RuntimeError: if there was none yet.
        """
        if self._evaluation is None:
            raise RuntimeError("expected a validation or test before its scores are read, there was none yet")
        return self._evaluation

    def normalise(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB -> float32 with ImageNet's mean and deviation, on the images' device."""
        return (images.float() / 255 - self.mean) / self.std

    def training_step(self, batch: DetectionBatch, batch_idx: int) -> Tensor:
        """Loss of one batch, logged with its parts."""
        if batch.targets is None:
            raise ValueError("expected training maps in the batch, got none: build the dataset with targets=True")
        maps = self.detector(self.normalise(batch.images))
        parts = self.loss(maps, batch.targets.as_floats())
        size = len(batch.records)
        for name, part in zip(LOSS_NAMES, parts, strict=True):
            self.log(name, part, on_step=True, on_epoch=True, prog_bar=True, batch_size=size)
        total: Tensor = parts.total
        return total

    def predict_probability(self, batch: DetectionBatch) -> Tensor:
        """Probability maps of a batch, (N, 1, H, W) float32 in [0, 1]."""
        return self.detector.predict_probability(self.normalise(batch.images))

    def detect(self, batch: DetectionBatch) -> list[tuple[ImageRecord, Detections]]:
        """Polygons of each picture of the batch, in original pixels."""
        if not batch.records:
            return []
        probabilities = self.predict_probability(batch)[:, 0].cpu().numpy()
        return [
            (
                record,
                self.postprocess(probability, record.input_to_original, record.width_original, record.height_original),
            )
            for record, probability in zip(batch.records, probabilities, strict=True)
        ]

    def predict_step(self, batch: DetectionBatch, batch_idx: int) -> BatchPrediction:
        """Polygons of each picture of the batch, and the files that could not be read."""
        return BatchPrediction(self.detect(batch), batch.unreadable)

    def validation_step(self, batch: DetectionBatch, batch_idx: int) -> None:
        """Scores each picture of the batch."""
        self._evaluate(batch)

    def test_step(self, batch: DetectionBatch, batch_idx: int) -> None:
        """Scores each picture of the batch."""
        self._evaluate(batch)

    def on_validation_epoch_start(self) -> None:
        """Forgets the last evaluation."""
        self._evaluator.reset()

    def on_test_epoch_start(self) -> None:
        """Forgets the last evaluation."""
        self._evaluator.reset()

    def on_validation_epoch_end(self) -> None:
        """Logs the scores over all pictures of all processes."""
        self._log_evaluation("val")

    def on_test_epoch_end(self) -> None:
        """Logs the scores over all pictures of all processes."""
        self._log_evaluation("test")

    def _evaluate(self, batch: DetectionBatch) -> None:
        for record, detections in self.detect(batch):
            self._evaluator.update(
                record.filename, record.polygons, record.ignore, detections.polygons, detections.scores
            )

    def _log_evaluation(self, stage: str) -> None:
        evaluator = self._evaluator
        if self.trainer.world_size > 1:
            gathered: list[dict[str, ImageScore]] = [{} for _ in range(self.trainer.world_size)]
            torch.distributed.all_gather_object(gathered, evaluator.records)
            for records in gathered:
                evaluator.merge(records)
        self._evaluation = evaluator.compute()
        cleval, iou = self._evaluation.cleval, self._evaluation.iou
        scores = {f"{stage}_{name}": getattr(cleval, name) for name in ("precision", "recall", "hmean")}
        scores |= {f"{stage}_iou_{name}": getattr(iou, name) for name in ("precision", "recall", "hmean")}
        for name, score in scores.items():
            self.log(name, score, prog_bar=name == f"{stage}_hmean")

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """The optimiser, and its schedule stepped per optimiser step over the whole training."""
        factory = self.optimizer_factory
        if self.trainer.precision == "16-mixed":  # a fused optimiser unscales in its step, after the clipping
            factory = replace(factory, fused=False)
        optimizer = factory(self.detector)
        scheduler = self.schedule_factory(optimizer, int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips the gradients' norm; Lightning's own clipping refuses fused optimisers also where nothing is scaled."""
        if gradient_clip_val:
            torch.nn.utils.clip_grad_norm_(self.parameters(), gradient_clip_val)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the settings and the state of the random generators."""
        checkpoint["config"] = self.config
        checkpoint["random_state"] = {
            "cpu": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restores the random generators; samples need none, their randomness is (seed, epoch, index)."""
        state = checkpoint.get("random_state")
        if state is None:
            return
        torch.set_rng_state(state["cpu"])
        if len(state["cuda"]) == torch.cuda.device_count() > 0:
            torch.cuda.set_rng_state_all(state["cuda"])
