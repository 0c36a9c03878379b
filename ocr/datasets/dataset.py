"""Pictures and labels as samples of the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from torch.utils.data import Dataset

from ocr.datasets.annotations import ImageAnnotation
from ocr.datasets.batch import DetectionSample, ImageRecord, UnreadableImage
from ocr.datasets.images import ImageReadError, read_image
from ocr.datasets.maps import build_targets
from ocr.datasets.pixels import PixelAugmentation
from ocr.datasets.placement import place_image, place_polygons
from ocr.datasets.views import ViewMaker


class DetectionDataset(Dataset[DetectionSample | UnreadableImage]):
    """Reads a picture, chooses its view, places pixels and polygons, and draws the training maps.

    Args:
        folder: where the pictures lie.
        annotations: what to read; polygons may be absent (prediction).
        view: chooses the view of each picture.
        pixels: pixel augmentation, or None.
        seed: with the epoch and the index the only source of randomness.
        targets: build training maps.
        shrink_ratio: of the training maps.
        unreadable: `raise` the loader's error, or `report` the file as an `UnreadableImage`.
    """

    def __init__(
        self,
        folder: Path,
        annotations: Sequence[ImageAnnotation],
        view: ViewMaker,
        *,
        pixels: PixelAugmentation | None = None,
        seed: int = 0,
        targets: bool = False,
        shrink_ratio: float = 0.4,
        unreadable: Literal["raise", "report"] = "raise",
    ) -> None:
        self.folder = folder
        self.annotations = annotations
        self.view = view
        self.pixels = pixels
        self.seed = seed
        self.targets = targets
        self.shrink_ratio = shrink_ratio
        self.unreadable = unreadable

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.annotations)

    def __getitem__(self, key: tuple[int, int]) -> DetectionSample | UnreadableImage:
        """The sample of (epoch, index).

        Raises:
            ocr.datasets.images.ImageReadError: if the file cannot be read and `unreadable` is `raise`.
        """
        epoch, index = key
        annotation = self.annotations[index]
        try:
            image = read_image(self.folder / annotation.filename)
        except ImageReadError as error:
            if self.unreadable == "raise":
                raise
            return UnreadableImage(annotation.filename, str(error))
        rng = np.random.default_rng((self.seed, epoch, index))
        height, width = image.shape[:2]
        view = self.view(width, height, annotation.polygons, rng)
        placed_image = place_image(image, view)
        if self.pixels is not None:
            placed_image = self.pixels(placed_image, rng)
        record = ImageRecord(
            filename=annotation.filename,
            width_original=width,
            height_original=height,
            input_to_original=np.linalg.inv(view.original_to_input).astype(np.float64),
            polygons=annotation.polygons,
            ignore=annotation.ignore,
        )
        if not self.targets:
            return DetectionSample(placed_image, None, record)
        placed = place_polygons(annotation.polygons, annotation.ignore, view)
        targets = build_targets(
            placed.polygons, placed.ignore, view.height_input, view.width_input, shrink_ratio=self.shrink_ratio
        )
        return DetectionSample(placed_image, targets, record)
