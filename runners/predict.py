"""Find text: `python runners/predict.py checkpoint_path=… images=…` writes a prediction JSON and a leaderboard CSV."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import cast

from omegaconf import DictConfig

from ocr.datasets.selection import select_images
from ocr.lightning_modules import BatchPrediction
from ocr.submission.prediction_folder import claim_folder, write_prediction_folder
from ocr.visualization import write_overlays
from runners.assembly import build_datamodule, load_module
from runners.entry import entry_point
from runners.trainers import build_inference_trainer

EXIT_UNREADABLE = 3

log = logging.getLogger(__name__)


@entry_point("predict")
def main(config: DictConfig) -> None:
    """Predicts and writes; exits with status 3 where a file could not be read."""
    output = Path(config.output or f"submissions/{datetime.now():%Y-%m-%d_%H-%M-%S}")
    claim_folder(output, overwrite=config.overwrite)
    module, settings = load_module(config.checkpoint_path, config)
    datamodule = build_datamodule(settings)
    images = select_images(config.images, datamodule.root)
    loader = datamodule.image_dataloader(images.folder, images.filenames)
    batches = cast(list[BatchPrediction], build_inference_trainer(settings).predict(module, loader))
    predictions = [prediction for batch in batches for prediction in batch.predictions]
    unreadable = [image for batch in batches for image in batch.unreadable]
    write_prediction_folder(output, images.filenames, predictions, unreadable)
    if config.overlays:
        write_overlays(output / "overlays", images.folder, predictions)
    log.info("%d images, %d unreadable; predictions lie in %s", len(images.filenames), len(unreadable), output)
    for image in unreadable:
        log.warning("%s", image.reason)
    if unreadable:
        sys.exit(EXIT_UNREADABLE)


if __name__ == "__main__":
    main()
