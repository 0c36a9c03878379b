"""Labelled pictures as samples of the network's size."""

from __future__ import annotations

import numpy as np
from torch.utils.data import Dataset

from baseline_code.datasets.augmentation import ClassificationAugmentation
from baseline_code.datasets.batch import ClassificationSample
from baseline_code.datasets.resizing import resize_square
from baseline_code.datasets.sampler import SampleKey
from baseline_code.datasets.source import LabelledImages


class ClassificationDataset(Dataset[ClassificationSample]):
    """Reads a picture, brings it to the network's size and changes it at random.

    Args:
        images: what to read.
        img_size: side of the network's input in pixels.
        augmentation: random changes at that size, or None.
        seed: with the key the only source of randomness.
    """

    def __init__(
        self,
        images: LabelledImages,
        img_size: int,
        augmentation: ClassificationAugmentation | None = None,
        seed: int = 0,
    ) -> None:
        self.images = images
        self.img_size = img_size
        self.augmentation = augmentation
        self.seed = seed

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.images)

    def __getitem__(self, key: SampleKey) -> ClassificationSample:
        """The sample of a picture in an epoch.

        Raises:
            baseline_code.images.ImageReadError: if the picture cannot be read; the message names it.
        """
        image = resize_square(self.images.read(key.picture), self.img_size)
        if self.augmentation is not None:
            image = self.augmentation(image, np.random.default_rng((self.seed, *key)))
        return ClassificationSample(image, int(self.images.labels[key.picture]), self.images.names[key.picture])
