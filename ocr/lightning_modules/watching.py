"""What people see of a training beside its curves: its first batches, and some validation images after each epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytorch_lightning as pl
import torch

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.images.encoding import encode_jpeg
from baseline_code.images.reading import Pixels, open_image
from baseline_code.images.scaling import resize
from baseline_code.training.tensorboard import log_graph, log_image
from ocr.datasets.batch import DetectionBatch
from ocr.geometry import transform_polygon
from ocr.lightning_modules.text_detection import ScoredMap, TextDetectionModule
from ocr.postprocess.regions import full_scale
from ocr.visualization.overlays import FOUND, LABELLED, draw_polygons

SIDE = 480  # px, the long side of an image that is shown
GRAPH_SIDE = 64  # px of the image that the network is drawn with


class WatchedImages(pl.Callback):
    """Shows the network, and the same validation images after each validation, in TensorBoard.

    An image has its labels in blue and what was found in orange, beside its probability map.

    Args:
        paths: of the images, by file name.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.paths = dict(paths)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draws the network, and asks for the maps of the images."""
        if not trainer.is_global_zero or not isinstance(pl_module, TextDetectionModule):
            return
        pl_module.watched = dict.fromkeys(self.paths)
        if pl_module.detector._compiled_call_impl is None:  # or it would be compiled for this size as well
            example = torch.zeros(1, 3, GRAPH_SIDE, GRAPH_SIDE, device=pl_module.device)
            log_graph(trainer.loggers, pl_module.detector, example)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draws them."""
        if trainer.is_global_zero and isinstance(pl_module, TextDetectionModule):
            for filename, scored in pl_module.watched.items():
                if scored is not None:
                    image = draw_scored(self.paths[filename], scored)
                    log_image(trainer.loggers, f"val/{filename}", image, trainer.global_step)


class TrainBatches(pl.Callback):
    """Writes `train_batch.jpg`: the first batches with their words, shrunk and threshold maps, as the loss sees them.

    Args:
        path: of the file.
        images: how many.
    """

    def __init__(self, path: Path, images: int = 8) -> None:
        self.path = path
        self.images = images
        self._rows: list[Pixels] = []

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: DetectionBatch, batch_idx: int
    ) -> None:
        """Draws images until there are enough."""
        if not trainer.is_global_zero or len(self._rows) >= self.images:
            return
        self._rows += draw_batch(batch)[: self.images - len(self._rows)]
        if len(self._rows) == self.images or batch_idx + 1 == trainer.num_training_batches:
            write_bytes_atomic(self.path, encode_jpeg(_stack(self._rows), 90))
            self.images = 0


def draw_scored(path: Path, scored: ScoredMap) -> Pixels:
    """An image with labels and detections, beside its probability map: (H, W, 3) uint8 RGB."""
    record, probability = scored.image_map
    scale = SIDE / max(record.width_original, record.height_original)
    size = max(1, round(record.width_original * scale)), max(1, round(record.height_original * scale))
    with open_image(path) as file:
        pixels = file.decode(scale=min(1.0, scale)).pixels
    image = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for polygons, colour in ((record.polygons, LABELLED), (scored.found.polygons, FOUND)):
        image = draw_polygons(image, [polygon * np.float32(scale) for polygon in polygons], colour=colour)
    levels = np.asarray(probability / full_scale(probability) * 255).astype(np.uint8)
    return np.hstack([image, _gray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA))])


def draw_batch(batch: DetectionBatch) -> list[Pixels]:
    """Each image of a batch with its words, probability map and threshold map side by side, long side 480 px.

    Where a loss does not count, its map is dark red.
    """
    images = batch.images.permute(0, 2, 3, 1).cpu().numpy()
    probability, probability_mask, threshold, threshold_mask = (maps[:, 0].cpu().numpy() for maps in batch.targets)
    rows = []
    for index, record in enumerate(batch.records):
        original_to_input = record.original_to_input
        words = [transform_polygon(polygon, original_to_input) for polygon in record.polygons]
        panels = (
            draw_polygons(images[index], words, [0.0 if ignore else 1.0 for ignore in record.ignore]),
            _masked(probability[index], probability_mask[index]),
            _masked(threshold[index], threshold_mask[index]),
        )
        rows.append(_fitted(np.hstack(panels)))
    return rows


def _masked(levels: np.ndarray, mask: np.ndarray) -> Pixels:
    image = _gray(levels)
    image[mask == 0] = image[mask == 0] // 2 + np.array([60, 0, 0], np.uint8)
    return image


def _gray(levels: np.ndarray) -> Pixels:
    return np.repeat(levels[:, :, None], 3, axis=2)


def _fitted(row: Pixels) -> Pixels:
    """Three panels side by side, the long side of each 480 px at most."""
    return resize(row, min(1.0, SIDE / max(row.shape[0], row.shape[1] / 3)))


def _stack(rows: Sequence[Pixels]) -> Pixels:
    """Rows below each other, two in a line, each with a border."""
    height, width = (max(row.shape[axis] for row in rows) + 8 for axis in (0, 1))
    sheet = np.full((-(-len(rows) // 2) * height, min(2, len(rows)) * width, 3), 255, np.uint8)
    for number, row in enumerate(rows):
        top, left = number // 2 * height, number % 2 * width
        sheet[top : top + row.shape[0], left : left + row.shape[1]] = row
    return sheet
