"""Training images as samples of the network's size, with their maps: decoded, warped, augmented; datasets joined."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch.utils.data import ConcatDataset, Dataset

from baseline_code.images.reading import open_image
from baseline_code.images.unreadable import first_readable
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.batch import DetectionSample
from ocr.label_maps.painting import DBTargets, build_targets
from ocr.transforms.geometric import Transform, TransformFactory
from ocr.transforms.pixels import PixelAugmentation
from ocr.transforms.warping import warp_image, warp_polygons

DECODING_RESERVE = 1.5
"""For training, images are decoded at this multiple of the resolution that the transform needs: just enough would
change the image visibly (and, by 0.0006, the H of a detector that was trained on images decoded whole)."""


class WarpedImage(NamedTuple):
    """An image in the network's frame: (H, W, 3) uint8 RGB, how it came there, and what it is."""

    image: npt.NDArray[np.uint8]
    transform: Transform
    record: ImageRecord


@dataclass(frozen=True)
class Sampling:
    """How images become samples.

    Args:
        transform: chooses the transform of each image.
        pixels: pixel augmentation, or None.
    """

    transform: TransformFactory
    pixels: PixelAugmentation | None = None

    def read(self, folder: Path, annotation: ImageAnnotation, rng: np.random.Generator) -> WarpedImage:
        """Reads an image and warps it; all randomness comes from `rng`.

        Raises:
            baseline_code.images.reading.ImageReadError: if the file cannot be read.
        """
        with open_image(folder / annotation.filename) as file:
            width, height = file.width, file.height
            # A crop chosen by its ignored words may show nothing to learn from.
            transform = self.transform(width, height, annotation.readable or annotation.polygons, rng)
            image, image_to_original = file.decode(scale=DECODING_RESERVE * transform.largest_scale)
        warped = warp_image(image, transform, image_to_original)
        if self.pixels is not None:
            warped = self.pixels(warped, rng)
        record = ImageRecord(
            filename=annotation.filename,
            width_original=width,
            height_original=height,
            input_to_original=transform.input_to_original,
            polygons=annotation.polygons,
            ignore=annotation.ignore,
        )
        return WarpedImage(warped, transform, record)


def draw_targets(annotation: ImageAnnotation, transform: Transform, shrink_ratio: float) -> DBTargets:
    """The training maps of an image's words in the frame of its transform."""
    words = warp_polygons(annotation.polygons, annotation.ignore, transform)
    size = transform.height_input, transform.width_input
    return build_targets(words.polygons, words.ignore, *size, shrink_ratio=shrink_ratio)


@dataclass(frozen=True, eq=False)
class DetectionDataset(Dataset[DetectionSample]):
    """Reads a labelled image, chooses its transform, warps pixels and polygons, and draws the training maps.

    Args:
        images: what to read.
        sampling: how images become samples.
        seed: with the epoch and the index the only source of randomness.
        shrink_ratio: of the training maps.
    """

    images: LabelledImages
    sampling: Sampling
    seed: int = 0
    shrink_ratio: float = 0.4

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images.annotations)

    def __getitem__(self, key: tuple[int, ...]) -> DetectionSample:
        """The sample of (epoch, index, …).

        Raises:
            baseline_code.images.reading.ImageReadError: if the file cannot be read.
        """
        epoch, index = key[:2]
        annotation = self.images.annotations[index]
        rng = np.random.default_rng((self.seed, epoch, index))
        image, transform, record = self.sampling.read(self.images.folders[index], annotation, rng)
        return DetectionSample(image, draw_targets(annotation, transform, self.shrink_ratio), record)


class TrainingDataset(ConcatDataset[DetectionSample]):
    """Several datasets one after the other, by (epoch, index).

    Args:
        datasets: by (epoch, index) too.
        filenames: of the images of all of them.
        skip_unreadable: the next image that can be read takes the place of one that cannot, so that batches keep their
            size.
    """

    def __init__(
        self, datasets: Sequence[Dataset[DetectionSample]], filenames: Sequence[str], *, skip_unreadable: bool = False
    ) -> None:
        super().__init__(datasets)
        self.filenames = filenames
        self.skip_unreadable = skip_unreadable

    def __getitem__(self, key: tuple[int, ...]) -> DetectionSample:
        """The sample of (epoch, index), index over all datasets.

        Raises:
            baseline_code.images.reading.ImageReadError: as by the datasets; if images are skipped and none of the next
                ones can be read either.
        """
        epoch, index = key[:2]
        if not self.skip_unreadable:
            return self._sample(epoch, index)
        sample, skipped = first_readable(partial(self._sample, epoch), self.filenames, index)
        return sample._replace(instead_of=skipped)

    def _sample(self, epoch: int, index: int) -> DetectionSample:
        number = bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[number - 1] if number else 0
        sample: DetectionSample = self.datasets[number][epoch, index - before]
        return sample
