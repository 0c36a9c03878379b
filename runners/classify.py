"""Classify images: `python runners/classify.py checkpoint_path=… path=…` writes a CSV."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("classify")  # before torch is imported

import logging
import sys
from pathlib import Path
from typing import cast

from baseline_code.classifier.predictions import BatchPrediction, write_class_csv
from baseline_code.datasets.unlabelled import open_images, unlabelled_dataloader
from baseline_code.files.claims import claimed, refuse_overwrite
from baseline_code.files.names import default_output
from runners.cli.exit_status import EXIT_UNREADABLE
from runners.wiring.checkpoints import Overrides
from runners.wiring.classifier import load_module
from runners.wiring.trainers import build_inference_trainer

log = logging.getLogger(__name__)


@entry_point("classify")
def main(checkpoint_path: str, path: str, output: str | None, overwrite: bool, **overrides: object) -> None:
    """Classifies and writes; exits with status 3 where a file could not be read."""
    table = Path(output or f"{default_output()}.csv")
    read = {"path=": Path(path), "checkpoint_path=": Path(checkpoint_path)}
    refuse_overwrite(table, overwrite=overwrite, read=read)
    with claimed(table):
        _classify(checkpoint_path, Path(path), table, Overrides.of(overrides))


def _classify(checkpoint_path: str, path: Path, output: Path, overrides: Overrides) -> None:
    module, settings = load_module(checkpoint_path, overrides)
    images = open_images(path)
    loader = unlabelled_dataloader(
        images,
        img_size=settings.datasets["img_size"],
        batch_size=settings.trainer["batch_size"],
        num_workers=settings.datasets["num_workers"],
    )
    batches = cast(list[BatchPrediction], build_inference_trainer(settings.trainer).predict(module, loader))
    write_class_csv(
        output, images.names, module.classes, (prediction for batch in batches for prediction in batch.predictions)
    )
    unreadable = [image for batch in batches for image in batch.unreadable]
    log.info("%d images, %d unreadable; the predictions are in %s", len(images), len(unreadable), output)
    for image in unreadable:
        log.warning("%s", image.reason)
    if unreadable:
        sys.exit(EXIT_UNREADABLE)


if __name__ == "__main__":
    main()
