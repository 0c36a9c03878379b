"""The data of one classification experiment: which split goes through which loader."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from baseline_code.datasets.augmentation import ClassificationAugmentation
from baseline_code.datasets.checks import check_training_split, check_unreadable, warn_of_absent_classes
from baseline_code.datasets.dataset import ClassificationDataset, ClassificationSample, collate
from baseline_code.datasets.labelled import SelectedImages
from baseline_code.datasets.leaks import check_leaks
from baseline_code.datasets.source import ImageSource, LabelledImages, SourceError, Splits
from baseline_code.datasets.split import stratified_limit
from baseline_code.training.loading import EpochLoader, Workers, count_workers
from baseline_code.training.sampler import EpochSampler

Balance = Literal["none", "sampler", "weights"]
Loader = DataLoader[ClassificationSample]


class ClassificationDataModule(pl.LightningDataModule):
    """Train, validation and test loaders over the splits of a source, which is read when first needed.

    Without a validation split there is no validation loader, and Lightning trains without validating.

    Args:
        source: where images and labels come from.
        img_size: side of the network's square input in pixels.
        augmentation: of the training images, or None.
        batch_size: images per batch.
        num_workers: processes per loader, or `auto`: see `count_workers`; 0 loads in the main process.
        seed: of order and augmentation.
        balance: `sampler` draws the classes equally often in training, `weights` offers `class_weights` for the loss.
        limit: only so many images of each split, in its classes' proportions, or None.
        unreadable: a training image that cannot be read ends the training (`raise`), or another one takes its place
            (`skip`). Validation and test always raise: their scores would not compare.

    Raises:
        ValueError: if a setting is out of its range.
    """

    def __init__(
        self,
        source: ImageSource,
        *,
        img_size: int,
        augmentation: ClassificationAugmentation | None = None,
        batch_size: int = 32,
        num_workers: Workers = "auto",
        seed: int = 0,
        balance: Balance = "none",
        limit: int | None = None,
        unreadable: Literal["raise", "skip"] = "raise",
    ) -> None:
        super().__init__()
        check_unreadable(unreadable)
        if balance not in get_args(Balance):
            raise ValueError(f"expected balance among {get_args(Balance)}, got {balance!r}")
        for name, value in (
            ("img_size", img_size),
            ("batch_size", batch_size),
            ("limit", 1 if limit is None else limit),
        ):
            if value < 1:
                raise ValueError(f"expected {name} >= 1, got {value}")
        self.source = source
        self.img_size = img_size
        self.augmentation = augmentation
        self.batch_size = batch_size
        self.num_workers = count_workers(num_workers)
        self.seed = seed
        self.balance: Balance = balance
        self.limit = limit
        self.unreadable: Literal["raise", "skip"] = unreadable

    @cached_property
    def splits(self) -> Splits:
        """The source's splits, cut to `limit`.

        Raises:
            baseline_code.datasets.source.SourceError: if the source cannot be read, or a class has no training image.
        """
        train, *others = self.source.load()
        splits = Splits(self._limited(train), *(None if split is None else self._limited(split) for split in others))
        check_training_split(splits.train, "datasets" if self.limit is None else f"datasets.limit={self.limit}")
        return splits

    @property
    def train(self) -> LabelledImages:
        """The training split."""
        return self.splits.train

    @property
    def val(self) -> LabelledImages | None:
        """The validation split; None where the source has none."""
        return self.splits.val

    @property
    def test(self) -> LabelledImages | None:
        """The test split; None where the source has none."""
        return self.splits.test

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; of two, the second is the positive one."""
        return self.splits.train.classes

    @cached_property
    def class_weights(self) -> Tensor | None:
        """(C,) float32 weights for the loss, inverse to the classes' sizes, with mean 1.

        None unless `balance` is `weights`.
        """
        if self.balance != "weights":
            return None
        inverse = 1 / np.bincount(self.train.labels)  # every class has training images: see `splits`
        return torch.from_numpy((inverse / inverse.mean()).astype(np.float32))

    def validation_digest(self) -> str:
        """sha256 of the validation split's image names and classes."""
        images = self.val
        facts = () if images is None else (images.names, images.classes, [int(label) for label in images.labels])
        return hashlib.sha256(repr(facts).encode("utf-8", "surrogateescape")).hexdigest()

    def setup(self, stage: str) -> None:
        """Reads the source; before training, looks for images that are in two splits, and for classes without any.

        Raises:
            baseline_code.datasets.source.SourceError: see `splits`.
            baseline_code.datasets.leaks.LeakError: if the same file is in the training and another split.
        """
        if stage != "fit":
            return
        for split, images in (("validation", self.val), ("test", self.test)):
            if images is not None:
                check_leaks(self.train, images, split)
                warn_of_absent_classes(images, split)

    def train_dataloader(self) -> Loader:
        """Shuffled and augmented."""
        return self._loader(self.train, training=True)

    def val_dataloader(self) -> Loader | list[Loader]:
        """In the source's order; no loader where there is no validation split."""
        return [] if self.val is None else self._loader(self.val, training=False)

    def test_dataloader(self) -> Loader:
        """In the source's order.

        Raises:
            SourceError: if the source has no test split.
        """
        if self.test is None:
            raise SourceError("expected a source with a test split, got none; give it a test fraction or test images")
        return self._loader(self.test, training=False)

    def _limited(self, images: LabelledImages) -> LabelledImages:
        if self.limit is None or self.limit >= len(images):
            return images
        return SelectedImages(images, stratified_limit(images.labels, self.limit))

    def _loader(self, images: LabelledImages, *, training: bool) -> Loader:
        dataset = ClassificationDataset(
            images,
            self.img_size,
            self.augmentation if training else None,
            self.seed,
            self.unreadable if training else "raise",
        )
        sampler = EpochSampler.of_process(
            self.trainer,
            len(images),
            self.batch_size,
            seed=self.seed,
            shuffle=training,
            balanced_by=images.labels if training and self.balance == "sampler" else None,
        )
        return EpochLoader.build(dataset, sampler, collate, self.num_workers)
