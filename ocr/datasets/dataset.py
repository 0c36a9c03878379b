"""Images with labels as samples of the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from torch.utils.data import Dataset

from baseline_code.images.reading import ImageReadError
from ocr.annotations.records import UnreadableImage
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.batch import DetectionSample
from ocr.datasets.sampling import Sampling, draw_targets
from ocr.transforms.geometric import TransformFactory
from ocr.transforms.pixels import PixelAugmentation


class DetectionDataset(Dataset[DetectionSample | UnreadableImage]):
    """Reads an image, chooses its transform, warps pixels and polygons, and draws the training maps.

    Args:
        folder: where the images are stored: one for all, or one for each.
        annotations: what to read; polygons may be absent (prediction).
        transform: chooses the transform of each image.
        pixels: pixel augmentation, or None.
        seed: with the epoch and the index the only source of randomness.
        targets: draw training maps.
        whole: see `Sampling`.
        shrink_ratio: of the training maps.
        unreadable: `raise` the loader's error, or `report` the file as an `UnreadableImage`.
    """

    def __init__(
        self,
        folder: Path | Sequence[Path],
        annotations: Sequence[ImageAnnotation],
        transform: TransformFactory,
        *,
        pixels: PixelAugmentation | None = None,
        seed: int = 0,
        targets: bool = False,
        whole: bool = False,
        shrink_ratio: float = 0.4,
        unreadable: Literal["raise", "report"] = "raise",
    ) -> None:
        self.folders = [folder] * len(annotations) if isinstance(folder, Path) else folder
        self.annotations = annotations
        self.sampling = Sampling(transform, pixels, whole)
        self.seed = seed
        self.targets = targets
        self.shrink_ratio = shrink_ratio
        self.unreadable = unreadable

    def __len__(self) -> int:
        """Number of images."""
        return len(self.annotations)

    def __getitem__(self, key: tuple[int, int]) -> DetectionSample | UnreadableImage:
        """The sample of (epoch, index).

        Raises:
            baseline_code.images.reading.ImageReadError: if the file cannot be read and `unreadable` is `raise`.
        """
        epoch, index = key
        annotation = self.annotations[index]
        rng = np.random.default_rng((self.seed, epoch, index))
        try:
            image, transform, record = self.sampling.read(self.folders[index], annotation, rng)
        except ImageReadError as error:
            if self.unreadable == "raise":
                raise
            return UnreadableImage(annotation.filename, str(error))
        targets = draw_targets(annotation, transform, self.shrink_ratio) if self.targets else None
        return DetectionSample(image, targets, record)
