"""The detector as a LightningModule: training step, evaluation, prediction, what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import pytorch_lightning as pl
import torch
import torch.distributed
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor

from baseline_code.training.modules import log_training_value, random_state, restore_random_state
from baseline_code.training.optimization import OptimizerFactory, ScheduleFactory, configure_optimization
from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.batch import DetectionBatch
from ocr.datasets.view_batch import ViewBatch
from ocr.lightning_modules.background import Background
from ocr.lightning_modules.pending_maps import PendingMap, run_network
from ocr.losses import DBLoss, DBLossParts
from ocr.metrics import EvaluationResult, Evaluator, ImageScore, score_image
from ocr.models import TextDetector
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
LOSS_NAMES = ("train_loss", "train_loss_probability", "train_loss_threshold", "train_loss_approximate_binary")
SCORE_NAMES = tuple(f"val_{kind}{name}" for kind in ("", "iou_") for name in ("precision", "recall", "hmean"))

T = TypeVar("T")


@dataclass(frozen=True)
class BatchPrediction:
    """What is found in a batch, and which files could not be read; threads may still be at work on it."""

    records: tuple[ImageRecord, ...]
    detections: tuple[Future[Detections], ...]
    unreadable: tuple[UnreadableImage, ...]

    @property
    def predictions(self) -> list[tuple[ImageRecord, Detections]]:
        """What was found in each image, in original pixels; waits for the threads.

        Raises:
            ocr.lightning_modules.background.BackgroundError: if one of them failed; it names the image.
        """
        found = [detections.result() for detections in self.detections]
        return list(zip(self.records, found, strict=True))

    def to(self, device: torch.device | str) -> BatchPrediction:
        """Itself: it holds no tensors. Lightning asks, and would otherwise take it apart and fail on the records."""
        return self


class TextDetectionModule(pl.LightningModule):
    """Trains, evaluates and predicts with one detector.

    Post-processing and metrics run in threads beside the next forward pass. Evaluation and prediction take images
    that are seen once (`DetectionBatch`) or in several views, of which one map is fused (`ViewBatch`).

    Logs `train_loss` and its parts, per step (of this process) and as the epoch's mean (over all processes),
    `val_precision`, `val_recall`, `val_hmean` (CLEval, mean over images) and `val_iou_precision`, `val_iou_recall`,
    `val_iou_hmean` (IoU 0.5, pooled counts); `test_…` likewise.

    Args:
        detector: images -> maps.
        loss: maps and training maps -> loss.
        postprocess: probability map -> polygons.
        optimizer: builds the optimiser.
        schedule: builds the learning-rate schedule.
        channels_last: hold weights and activations channels last.
        compile: run the detector through `torch.compile`; checkpoints stay the same.
        config: the resolved settings to keep in checkpoints, plain containers only.

    Attributes:
        keep_map: called with the map of each image that is predicted, by the threads; None: maps are not kept.
    """

    scale: Tensor
    shift: Tensor

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
        self.keep_map: Callable[[ImageMap], None] | None = None
        self._evaluation: EvaluationResult | None = None
        self._evaluator = Evaluator()
        self._background = Background()
        self._scores: list[tuple[str, Future[ImageScore]]] = []
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
        self.register_buffer("scale", 1 / (255 * std), persistent=False)
        self.register_buffer("shift", -mean / std, persistent=False)

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
        return images * self.scale + self.shift

    def compute_loss(self, batch: DetectionBatch) -> DBLossParts:
        """Loss of one batch and its parts.

        Raises:
            ValueError: if the batch has no training maps.
        """
        if batch.targets is None:
            raise ValueError("expected training maps in the batch, got none: build the dataset with targets=True")
        maps = self.detector(self.normalise(batch.images))
        parts: DBLossParts = self.loss(maps, batch.targets.as_floats())
        return parts

    def training_step(self, batch: DetectionBatch, batch_idx: int) -> Tensor:
        """Loss of one batch, logged with its parts."""
        parts = self.compute_loss(batch)
        size = len(batch.records)
        for name, part in zip(LOSS_NAMES, parts, strict=True):
            log_training_value(self, name, part, size)
        return parts.total

    def predict_probability(self, batch: DetectionBatch) -> Tensor:
        """Probability maps of a batch, (N, 1, H, W) float32 in [0, 1]."""
        return self.detector.predict_probability(self.normalise(batch.images))

    def detect(self, batch: DetectionBatch | ViewBatch) -> list[tuple[ImageRecord, Detections]]:
        """Polygons of each image of the batch, in original pixels."""
        return self.predict_step(batch, 0).predictions

    def predict_step(self, batch: DetectionBatch | ViewBatch, batch_idx: int) -> BatchPrediction:
        """Polygons of each image of the batch, and the files that could not be read."""
        return BatchPrediction(batch.records, tuple(self._submit(batch, self._find)), batch.unreadable)

    def validation_step(self, batch: DetectionBatch | ViewBatch, batch_idx: int) -> None:
        """Scores each image of the batch."""
        self._evaluate(batch)

    def test_step(self, batch: DetectionBatch | ViewBatch, batch_idx: int) -> None:
        """Scores each image of the batch."""
        self._evaluate(batch)

    def on_validation_epoch_start(self) -> None:
        """Forgets the last evaluation."""
        self._forget_evaluation()

    def on_test_epoch_start(self) -> None:
        """Forgets the last evaluation."""
        self._forget_evaluation()

    def on_validation_epoch_end(self) -> None:
        """Logs the scores over all images of all processes."""
        self._log_evaluation("val")

    def on_test_epoch_end(self) -> None:
        """Logs the scores over all images of all processes."""
        self._log_evaluation("test")

    def _submit(self, batch: DetectionBatch | ViewBatch, job: Callable[[ImageMap], T]) -> list[Future[T]]:
        """Runs the network here, and a job for the map of each image of the batch in the background."""

        def work(pending: PendingMap) -> T:
            return job(pending.read())

        images = run_network(self.predict_probability, batch)
        return [self._background.submit(pending.record.filename, work, pending) for pending in images]

    def _read(self, image: ImageMap) -> Detections:
        record = image.record
        return self.postprocess(
            image.probability, record.input_to_original, record.width_original, record.height_original
        )

    def _find(self, image: ImageMap) -> Detections:
        if self.keep_map is not None:
            self.keep_map(image)
        return self._read(image)

    def _score(self, image: ImageMap) -> ImageScore:
        detections = self._read(image)
        return score_image(image.record.polygons, image.record.ignore, detections.polygons, detections.scores)

    def _evaluate(self, batch: DetectionBatch | ViewBatch) -> None:
        names = [record.filename for record in batch.records]
        self._scores += zip(names, self._submit(batch, self._score), strict=True)

    def _forget_evaluation(self) -> None:
        self._evaluator.reset()
        self._scores.clear()

    def collect_scores(self) -> EvaluationResult:
        """Scores of the images of this process since the epoch's start, in their order; waits for the threads.

        Raises:
            ocr.lightning_modules.background.BackgroundError: if one of them failed; it names the image.
        """
        self._evaluator.merge({filename: score.result() for filename, score in self._scores})
        self._scores.clear()
        return self._evaluator.compute()

    def _log_evaluation(self, stage: str) -> None:
        self._evaluation = self.collect_scores()
        if self.trainer.world_size > 1:
            gathered: list[dict[str, ImageScore]] = [{} for _ in range(self.trainer.world_size)]
            torch.distributed.all_gather_object(gathered, self._evaluator.records)
            for records in gathered:
                self._evaluator.merge(records)
            self._evaluation = self._evaluator.compute()
        cleval, iou = self._evaluation.cleval, self._evaluation.iou
        scores = {f"{stage}_{name}": getattr(cleval, name) for name in ("precision", "recall", "hmean")}
        scores |= {f"{stage}_iou_{name}": getattr(iou, name) for name in ("precision", "recall", "hmean")}
        for name, score in scores.items():
            self.log(name, score, prog_bar=name == f"{stage}_hmean")

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """The optimiser, and its schedule stepped per optimiser step over the whole training."""
        return configure_optimization(self.detector, self.trainer, self.optimizer_factory, self.schedule_factory)

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
        checkpoint["random_state"] = random_state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restores the random generators; samples need none, their randomness is (seed, epoch, index)."""
        restore_random_state(checkpoint.get("random_state"))
