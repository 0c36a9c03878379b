"""Images and labels as samples of the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from torch.utils.data import Dataset

from baseline_code.images.reading import ImageReadError, open_image
from ocr.annotations.reading import ImageAnnotation
from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.batch import DetectionSample
from ocr.datasets.teacher import PseudoPart
from ocr.label_maps.painting import paint_targets
from ocr.label_maps.shrinking import prepare_polygons
from ocr.label_maps.soft_maps import Levels, soften_targets, warp_map
from ocr.transforms.geometric import TransformFactory
from ocr.transforms.pixels import PixelAugmentation
from ocr.transforms.warping import warp_image, warp_polygons

DECODING_RESERVE = 1.5
"""For training, images are decoded at this multiple of the resolution that the transform needs: just enough would
change the image visibly (and, by 0.0006, the H of a detector that was trained on images decoded whole)."""

MOST_SKIPPED = 20
"""Images in a row that may be unreadable: where more are, a disk is gone and not a file."""


class DetectionDataset(Dataset[DetectionSample | UnreadableImage]):
    """Reads an image, chooses its transform, places pixels and polygons, and draws the training maps.

    Args:
        folder: where the images lie: one for all, or one for each.
        annotations: what to read; polygons may be absent (prediction).
        transform: chooses the transform of each image.
        pixels: pixel augmentation, or None.
        seed: with the epoch and the index the only source of randomness.
        targets: build training maps.
        whole: decode JPEGs at their full resolution, so that the same image as a PNG gives the same sample; else at a
            reduced one where that will do, which takes less time.
        shrink_ratio: of the training maps.
        build_maps: by the `workers`, which load the samples, or on the `device`, which gets the polygons.
        unreadable: `raise` the loader's error, `report` the file as an `UnreadableImage`, or `skip` it: the next
            image that can be read takes its place, so that batches keep their size.
        pseudo: the teacher of the last images, whose annotations are blank; or None.
        pseudo_labelled: how many images are the teacher's.

    Raises:
        ValueError: if `build_maps` is neither, or `device` where a teacher labels images.
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
        build_maps: Literal["workers", "device"] = "workers",
        unreadable: Literal["raise", "report", "skip"] = "raise",
        pseudo: PseudoPart | None = None,
        pseudo_labelled: int = 0,
    ) -> None:
        if build_maps not in ("workers", "device"):
            raise ValueError(f"expected build_maps to be workers or device, got {build_maps!r}")
        if pseudo is not None and build_maps == "device":
            raise ValueError(
                "expected datasets.build_maps=workers where datasets.pseudo adds images, got device: "
                "soft maps are warped by the workers"
            )
        self.folders = [folder] * len(annotations) if isinstance(folder, Path) else folder
        self.annotations = annotations
        self.transform = transform
        self.pixels = pixels
        self.seed = seed
        self.targets = targets
        self.whole = whole
        self.shrink_ratio = shrink_ratio
        self.build_maps = build_maps
        self.unreadable = unreadable
        self.pseudo = pseudo
        self.labelled = len(annotations) - pseudo_labelled

    def __len__(self) -> int:
        """Number of images."""
        return len(self.annotations)

    def __getitem__(self, key: tuple[int, ...]) -> DetectionSample | UnreadableImage:
        """The sample of (epoch, index, …).

        Raises:
            baseline_code.images.reading.ImageReadError: if the file cannot be read and `unreadable` is `raise`, or
                `skip` and none of the next ones can be read either.
        """
        epoch, index = key[:2]
        if self.unreadable != "skip":
            return self._sample(epoch, index)
        skipped: list[UnreadableImage] = []
        for place in range(index, index + MOST_SKIPPED + 1):
            sample = self._sample(epoch, place % len(self))
            if isinstance(sample, DetectionSample):
                return sample._replace(instead_of=tuple(skipped))
            skipped.append(sample)
        raise ImageReadError(f"expected an image that can be read, got {len(skipped)} in a row: {skipped[0].reason}")

    def _sample(self, epoch: int, index: int) -> DetectionSample | UnreadableImage:
        annotation, soft_map = self._labels(index)
        rng = np.random.default_rng((self.seed, epoch, index))
        try:
            with open_image(self.folders[index] / annotation.filename) as file:
                width, height = file.width, file.height
                transform = self.transform(width, height, annotation.polygons, rng)
                scale = 1.0 if self.whole else DECODING_RESERVE * transform.largest_scale
                image, image_to_original = file.decode(scale=scale)
        except ImageReadError as error:
            if self.unreadable == "raise":
                raise
            return UnreadableImage(annotation.filename, str(error))
        placed_image = warp_image(image, transform, image_to_original)
        if self.pixels is not None:
            placed_image = self.pixels(placed_image, rng)
        record = ImageRecord(
            filename=annotation.filename,
            width_original=width,
            height_original=height,
            input_to_original=np.linalg.inv(transform.original_to_input).astype(np.float64),
            polygons=annotation.polygons,
            ignore=annotation.ignore,
        )
        if not self.targets:
            return DetectionSample(placed_image, None, record)
        placed = warp_polygons(annotation.polygons, annotation.ignore, transform)
        polygons = prepare_polygons(placed.polygons, placed.ignore, shrink_ratio=self.shrink_ratio)
        if self.build_maps == "device":
            return DetectionSample(placed_image, polygons, record)
        targets = paint_targets(polygons, *placed_image.shape[:2])
        if self.pseudo is not None and soft_map is not None:
            targets = soften_targets(targets, warp_map(soft_map, transform, width, height), self.pseudo.band)
        return DetectionSample(placed_image, targets, record)

    def _labels(self, index: int) -> tuple[ImageAnnotation, Levels | None]:
        """An image's words, and its soft map where it is one of the teacher's."""
        annotation = self.annotations[index]
        if self.pseudo is None or index < self.labelled:
            return annotation, None
        probability, polygons = self.pseudo.teacher.read(annotation.filename)
        words = len(polygons)
        ids, texts = tuple(map(str, range(words))), ("",) * words
        pseudo_labelled = replace(
            annotation, polygons=polygons, ignore=(False,) * words, word_ids=ids, transcriptions=texts
        )
        return pseudo_labelled, probability
