"""Labelled images as samples of the network's size."""

from __future__ import annotations

from typing import Literal

import numpy as np
from torch.utils.data import Dataset

from baseline_code.classifier.predictions import Unreadable
from baseline_code.datasets.augmentation import ClassificationAugmentation
from baseline_code.datasets.batch import ClassificationSample
from baseline_code.datasets.resizing import resize_square
from baseline_code.datasets.sampler import SampleKey
from baseline_code.datasets.source import LabelledImages
from baseline_code.images.reading import ImageReadError

MOST_SKIPPED = 20
"""Images in a row that may be unreadable: where more are, a disk is gone and not a file."""


class ClassificationDataset(Dataset[ClassificationSample]):
    """Reads an image, brings it to the network's size and changes it at random.

    Args:
        images: what to read.
        img_size: side of the network's input in pixels.
        augmentation: random changes at that size, or None.
        seed: with the key the only source of randomness.
        unreadable: `raise` the loader's error, or `skip` the image: the next one that can be read takes its place,
            with its own label.
    """

    def __init__(
        self,
        images: LabelledImages,
        img_size: int,
        augmentation: ClassificationAugmentation | None = None,
        seed: int = 0,
        unreadable: Literal["raise", "skip"] = "raise",
    ) -> None:
        self.images = images
        self.img_size = img_size
        self.augmentation = augmentation
        self.seed = seed
        self.unreadable = unreadable

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images)

    def __getitem__(self, key: SampleKey) -> ClassificationSample:
        """The sample of an image in an epoch.

        Raises:
            baseline_code.images.reading.ImageReadError: if the image cannot be read and `unreadable` is `raise`, or
                `skip` and none of the next ones can be read either; the message names it.
        """
        if self.unreadable == "raise":
            return self._sample(key)
        skipped: list[Unreadable] = []
        for place in range(key.image, key.image + MOST_SKIPPED + 1):
            index = place % len(self)
            try:
                return self._sample(key._replace(image=index))._replace(instead_of=tuple(skipped))
            except ImageReadError as error:
                skipped.append(Unreadable(self.images.names[index], str(error)))
        raise ImageReadError(f"expected an image that can be read, got {len(skipped)} in a row: {skipped[0].reason}")

    def _sample(self, key: SampleKey) -> ClassificationSample:
        image = resize_square(self.images.read(key.image), self.img_size)
        if self.augmentation is not None:
            image = self.augmentation(image, np.random.default_rng((self.seed, *key)))
        return ClassificationSample(image, int(self.images.labels[key.image]), self.images.names[key.image])
