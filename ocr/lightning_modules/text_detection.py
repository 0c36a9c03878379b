"""The detector as a LightningModule: training step, evaluation, prediction, what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.distributed
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor

from baseline_code.models.normalisation import Normalisation
from baseline_code.training.modules import TrainingModule, log_training_value
from baseline_code.training.optimization import OptimizerFactory, ScheduleFactory, configure_optimization
from ocr.datasets.batch import DetectionBatch
from ocr.datasets.evaluation import EvaluationBatch
from ocr.inference.background import Background
from ocr.inference.image_maps import PendingMap, run_network
from ocr.label_maps.painting import build_targets
from ocr.losses import DBLoss, DBLossParts
from ocr.metrics import EvaluationResult, Evaluator, ImageScore, score_image
from ocr.models import TextDetector
from ocr.postprocess import DBPostProcess, Detections
from ocr.postprocess.regions import full_scale
from ocr.probability_maps import ImageMap, read_words
from ocr.transforms.geometric import Transform
from ocr.transforms.warping import warp_polygons

VALIDATION_LOSS = "val_loss"
LOSS_NAMES = ("train_loss", "train_loss_probability", "train_loss_threshold", "train_loss_approximate_binary")
SCORE_NAMES = tuple(f"val_{kind}{name}" for kind in ("", "iou_") for name in ("precision", "recall", "hmean"))


class ScoredMap(NamedTuple):
    """What a validation finds in an image, and how that compares with its labels."""

    image_map: ImageMap
    found: Detections
    score: ImageScore
    loss: float  # dice loss of the map, in [0, 1]


class TextDetectionModule(TrainingModule):
    """Trains and validates a detector.

    Post-processing and metrics run in threads beside the next forward pass.

    Logs `train_loss` and its parts, per step (of this process) and as the epoch's mean (over all processes),
    `val_precision`, `val_recall`, `val_hmean` (CLEval, mean over images) and `val_iou_precision`, `val_iou_recall`,
    `val_iou_hmean` (IoU 0.5, pooled counts), `val_loss` (dice loss of the probability map against the one that the
    labels make, mean over images), and `grad_norm`, of the step before, where gradients are clipped.

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
        watched: file names of validation images whose maps are kept, and those of the last validation.
    """

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
        super().__init__(config)
        self.detector = detector.to(memory_format=torch.channels_last) if channels_last else detector
        if compile:
            self.detector.compile()
        self.loss = loss
        self.postprocess = postprocess
        self.optimizer_factory = optimizer
        self.schedule_factory = schedule
        self._evaluator = Evaluator()
        self._background = Background()
        self._scores: list[tuple[str, Future[ScoredMap]]] = []
        self.watched: dict[str, ScoredMap | None] = {}
        self._losses: list[float] = []
        self.normalise = Normalisation()

    def compute_loss(self, batch: DetectionBatch) -> DBLossParts:
        """Loss of one batch and its parts."""
        maps = self.detector(self.normalise(batch.images))
        parts: DBLossParts = self.loss(maps, batch.targets.as_floats())
        return parts

    def on_train_start(self) -> None:
        """The gradient's norm is logged from the first batch on: a name that comes later would make a step wait."""
        self.grad_norm = torch.zeros((), device=self.device)

    def training_step(self, batch: DetectionBatch, batch_idx: int) -> Tensor:
        """Loss of one batch, logged with its parts."""
        parts = self.compute_loss(batch)
        size = len(batch.records)
        for name, part in zip(LOSS_NAMES, parts, strict=True):
            log_training_value(self, name, part, size)
        if self.trainer.gradient_clip_val:
            self.log("grad_norm", self.grad_norm, on_step=True, on_epoch=False)
        return parts.total

    def predict_probability(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB -> probability maps, (N, 1, H, W) float32 in [0, 1]."""
        return self.detector.predict_probability(self.normalise(images))

    def on_validation_epoch_start(self) -> None:
        """Forgets the last validation."""
        self._evaluator.reset()
        self._scores.clear()

    def validation_step(self, batch: EvaluationBatch, batch_idx: int) -> None:
        """Scores each image of the batch, in threads."""
        for pending in run_network(self.predict_probability, batch):
            filename = pending.record.filename
            self._scores.append((filename, self._background.submit(filename, self._score, pending)))

    def on_validation_epoch_end(self) -> None:
        """Logs the scores over all images of all processes."""
        evaluation = self.collect_scores()
        if self.trainer.world_size > 1:
            gathered: list[dict[str, ImageScore]] = [{} for _ in range(self.trainer.world_size)]
            torch.distributed.all_gather_object(gathered, self._evaluator.records)
            for records in gathered:
                self._evaluator.merge(records)
            evaluation = self._evaluator.compute()
        loss = float(np.mean(self._losses)) if self._losses else 0.0
        self.log(VALIDATION_LOSS, loss, sync_dist=True, batch_size=max(1, len(self._losses)))
        for prefix, scores in (("val_", evaluation.cleval), ("val_iou_", evaluation.iou)):
            for name in ("precision", "recall", "hmean"):
                self.log(f"{prefix}{name}", getattr(scores, name), prog_bar=f"{prefix}{name}" == "val_hmean")

    def _score(self, pending: PendingMap) -> ScoredMap:
        image_map = pending.read()
        record, found = image_map.record, read_words(image_map, self.postprocess)
        score = score_image(record.polygons, record.ignore, found.polygons, found.scores)
        return ScoredMap(image_map, found, score, map_loss(image_map, self.postprocess.shrink_ratio))

    def collect_scores(self) -> EvaluationResult:
        """Scores of the images of this process since the epoch's start, in their order; waits for the threads.

        Raises:
            ocr.inference.background.BackgroundError: if one of them failed; it names the image.
        """
        scored = {filename: one.result() for filename, one in self._scores}
        self._scores.clear()
        self._losses = [one.loss for one in scored.values()]
        self.watched |= {filename: scored[filename] for filename in self.watched.keys() & scored.keys()}
        self._evaluator.merge({filename: one.score for filename, one in scored.items()})
        return self._evaluator.compute()

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """The optimiser, and its schedule stepped per optimiser step over the whole training."""
        return configure_optimization(self.detector, self.trainer, self.optimizer_factory, self.schedule_factory)


def map_loss(image_map: ImageMap, shrink_ratio: float) -> float:
    """Dice loss of an image's probability map where it counts: 1 - 2 |P n G| / (|P| + |G|).

    Args:
        image_map: predicted, with the labels of its image.
        shrink_ratio: of the training maps.

    Returns:
        In [0, 1]; 0 where neither shows any text.
    """
    record, probability = image_map
    height, width = probability.shape
    transform = Transform(record.original_to_input, width, height)
    labels = warp_polygons(record.polygons, record.ignore, transform)
    maps = build_targets(labels.polygons, labels.ignore, height, width, shrink_ratio=shrink_ratio)
    counts = maps.probability_mask[0] > 0
    label = (maps.probability[0] > 0) & counts
    total = float(probability[counts].sum(dtype=np.float64)) + float(label.sum()) * full_scale(probability)
    return 1.0 - 2.0 * float(probability[label].sum(dtype=np.float64)) / total if total else 0.0
