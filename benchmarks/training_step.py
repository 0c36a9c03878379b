"""A training step on generated receipts: the network, the loss, the gradients, their clipping and the optimiser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch
from hydra import compose, initialize_config_dir

from benchmarks.scenes import SIDE, make_scenes
from ocr.annotations.records import ImageRecord
from ocr.datasets.batch import DetectionBatch, DetectionSample, collate
from ocr.label_maps.painting import build_targets
from ocr.lightning_modules import TextDetectionModule
from runners.cli.entry import CONFIG_DIR
from runners.cli.settings import Settings, plain
from runners.wiring.training import build_module


def compose_preset(preset: str, *overrides: str) -> Settings:
    """The training's settings, without pretrained weights."""
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        config = compose("train", [f"preset={preset}", "models.encoder.pretrained=false", *overrides])
    return Settings.of(plain(config))


def make_batch(size: int, side: int) -> DetectionBatch:
    """Images of `side` px with the training maps of receipts; of noise, since devices are faster on blank ones."""
    rng, samples = np.random.default_rng(0), []
    for scene in make_scenes("quads", size):
        polygons = [polygon * (side / SIDE) for polygon in scene.polygons]
        image = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        record = ImageRecord("receipt", side, side, np.eye(3))
        samples.append(DetectionSample(image, build_targets(polygons, scene.ignore, side, side), record))
    return collate(samples)


def make_step(settings: Settings, batch: DetectionBatch) -> Callable[[], None]:
    """A step on the batch's device, which may still be at work on it when the function returns."""
    module = build_module(settings).to(batch.images.device)
    optimizer = module.optimizer_factory(module.detector)

    def step() -> None:
        optimizer.zero_grad()
        run_backward(module, settings, batch)
        module.configure_gradient_clipping(optimizer, settings.trainer["gradient_clip_val"])
        optimizer.step()

    return step


def run_backward(module: TextDetectionModule, settings: Settings, batch: DetectionBatch) -> None:
    """The forward and backward pass, in the training's precision."""
    device = batch.images.device.type
    half = settings.trainer["precision"] == "bf16-mixed"
    with torch.autocast(device, torch.bfloat16) if half else nullcontext():
        loss = module.compute_loss(batch).total
    torch.autograd.backward(loss)
