"""What a person should know of a detector's training before it starts: its data, its sizes, its words."""

from __future__ import annotations

import logging

from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only

from ocr.datasets.datamodule import DetectionDataModule
from ocr.datasets.word_counts import check_scorable
from runners.wiring.detector import build_datamodule

SAMPLE = "data/sample"  # datasets.root where nobody chose one

log = logging.getLogger(__name__)


@rank_zero_only
def announce(config: DictConfig) -> None:
    """Logs what a person may not expect of a training: data that nobody chose, and sizes that differ.

    Args:
        config: settings as of configs/train.yaml.

    Raises:
        ValueError: if the sample cannot be read, or a setting of the data does not hold.
    """
    datasets = config.datasets
    if datasets.root == SAMPLE:
        data = build_datamodule(config)
        count = len(data.annotations(data.train))
        log.info("%s: %d generated receipts; yours: datasets.root=…", SAMPLE, count)
    if datasets.train.img_size != datasets.val.img_size:
        log.warning(
            "trains at datasets.train.img_size=%s and validates at datasets.val.img_size=%s: early stopping and "
            "best.ckpt go by the scores at %s",
            datasets.train.img_size,
            datasets.val.img_size,
            datasets.val.img_size,
        )
    if datasets.val.img_size != datasets.test.img_size:
        log.warning(
            "validates at datasets.val.img_size=%s, but predicts the test at datasets.test.img_size=%s",
            datasets.val.img_size,
            datasets.test.img_size,
        )


def check_words(config: DictConfig, datamodule: DetectionDataModule) -> None:
    """Log how many words train.

    Args:
        config: settings as of configs/train.yaml.
        datamodule: of these settings, set up.

    Raises:
        ValueError: if no word trains and no teacher labels images, or nothing is there to validate by.
    """
    counts = datamodule.count_training_words()
    split, size = datamodule.train.split, config.datasets.train.img_size
    rank_zero_only(log.info)("%s: %s (at %s px)", split, counts, size)
    if counts.trained == 0 and not datamodule.pseudo_labelled.annotations:
        raise ValueError(
            f"{datamodule.root}: expected words to learn from in the part {split!r}, got none: {counts} at "
            f"datasets.train.img_size={size}; check illegibility and the unit of the points, or take a larger size"
        )
    if config.trainer.limit_val_batches != 0:
        check_scorable(datamodule.annotations(datamodule.val), datamodule.val.split)
