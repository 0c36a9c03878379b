"""What a training has to learn from and to be validated by, told and checked before it starts."""

from __future__ import annotations

import logging

from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only

from ocr.datasets.datamodule import DetectionDataModule
from ocr.datasets.word_counts import check_scorable

log = logging.getLogger(__name__)


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
