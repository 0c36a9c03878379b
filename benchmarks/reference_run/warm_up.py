"""Compiles the loops of ocr.geometry beside the first stage, so that no training waits for it."""

from __future__ import annotations

import numpy as np

from benchmarks.reference_run.run import Run
from benchmarks.scenes import make_scenes
from benchmarks.training_step import compose_preset
from ocr.geometry import scaling
from ocr.metrics import score_image
from ocr.postprocess import DBPostProcess
from runners.wiring.training import build_datamodule


def measure(run: Run) -> None:
    """Loads a sample, and reads and scores a map."""
    overrides = [f"datasets.root={run.data}", "datasets.num_workers=0", "datasets.img_size=320"]
    datamodule = build_datamodule(compose_preset("resnet50_unet_1024", *overrides))
    _ = datamodule.train_dataloader().dataset[0, 0]
    scene = make_scenes("quads", 1)[0]
    levels = np.rint(65535 * scene.probability.clip(0.0, 1.0)).astype(np.uint16)
    for mode in ("polygon", "quad"):
        found = DBPostProcess(mode=mode)(levels, scaling(1.0), *levels.shape)
        score_image(scene.polygons, scene.ignore, found.polygons, found.scores)
