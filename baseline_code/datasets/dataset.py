"""Labelled images as samples and batches of the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from baseline_code.datasets.augmentation import ClassificationAugmentation
from baseline_code.datasets.source import LabelledImages
from baseline_code.images.reading import Pixels
from baseline_code.images.unreadable import UnreadableImage, first_readable
from baseline_code.training.sampler import SampleKey


class ClassificationSample(NamedTuple):
    """One image at the network's size: (S, S, 3) uint8 RGB."""

    image: Pixels
    label: int
    filename: str
    instead_of: tuple[UnreadableImage, ...] = ()  # files whose place it takes


@dataclass(frozen=True)
class ClassificationBatch:
    """A batch. `images` is (N, 3, S, S) uint8 RGB, channels last in memory; `labels` is (N,) int64."""

    images: Tensor
    labels: Tensor
    filenames: tuple[str, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    def to(self, device: torch.device | str) -> ClassificationBatch:
        """The batch with its tensors on another device; page-locked ones go there without waiting."""
        moved = [tensor.to(device, non_blocking=tensor.is_pinned()) for tensor in (self.images, self.labels)]
        return replace(self, images=moved[0], labels=moved[1])

    def pin_memory(self) -> ClassificationBatch:
        """The batch with its tensors in page-locked memory."""
        return replace(self, images=self.images.pin_memory(), labels=self.labels.pin_memory())


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
        sample, skipped = first_readable(
            lambda index: self._sample(key._replace(image=index)), self.images.names, key.image
        )
        return sample._replace(instead_of=skipped)

    def _sample(self, key: SampleKey) -> ClassificationSample:
        image = resize_square(self.images.read(key.image), self.img_size)
        if self.augmentation is not None:
            image = self.augmentation(image, np.random.default_rng((self.seed, *key)))
        return ClassificationSample(image, int(self.images.labels[key.image]), self.images.names[key.image])


def resize_square(image: Pixels, size: int) -> Pixels:
    """Stretches an image to a square; the aspect ratio of others is not kept.

    Args:
        image: (H, W, 3) uint8.
        size: side of the result in pixels.

    Returns:
        (size, size, 3) uint8: averaged over areas where a side shrinks, else by cubic interpolation; the image itself
        where it has this size.
    """
    height, width = image.shape[:2]
    if height == width == size:
        return image
    interpolation = cv2.INTER_AREA if max(height, width) > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (size, size), interpolation=interpolation), dtype=np.uint8)


def collate(samples: Sequence[ClassificationSample]) -> ClassificationBatch:
    """Joins samples of one size; at least one."""
    images = np.stack([sample.image for sample in samples])
    return ClassificationBatch(
        torch.from_numpy(images).permute(0, 3, 1, 2),
        torch.tensor([sample.label for sample in samples], dtype=torch.int64),
        tuple(sample.filename for sample in samples),
        tuple(image for sample in samples for image in sample.instead_of),
    )
