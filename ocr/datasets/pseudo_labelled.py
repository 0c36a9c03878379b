"""Images that a teacher labels, as training samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation, Word
from ocr.datasets.batch import DetectionSample
from ocr.datasets.dataset import Sampling, draw_targets
from ocr.geometry import Polygon
from ocr.label_maps.soft_maps import IgnoreBand, soften_targets, warp_map


class SoftLabels(NamedTuple):
    """What a teacher says about one image."""

    probability: npt.NDArray[np.uint8]  # (h, w), 255 = 1, covers the image exactly
    polygons: tuple[Polygon, ...]  # the words that it is certain of, original pixels


class Teacher(Protocol):
    """Where the labels of images without labels come from; every loader worker gets a copy."""

    def labelled_images(self) -> LabelledImages:
        """Its images, without words; raises a ValueError where the files are not those that it has seen."""
        ...

    def read(self, filename: str) -> SoftLabels:
        """What it says about one of them."""
        ...


@dataclass(frozen=True)
class PseudoSplit:
    """A teacher's images, which train beside the labelled ones.

    Args:
        teacher: labels them.
        band: which probabilities of the teacher are not believed.
    """

    teacher: Teacher
    band: IgnoreBand


@dataclass(frozen=True, eq=False)
class PseudoLabelledDataset(Dataset[DetectionSample]):
    """Reads an image and what the teacher says about it: soft probability maps, thresholds around certain words.

    Args:
        pseudo: the teacher, and what of it is believed.
        images: the teacher's.
        sampling: how labelled images become samples, and these too.
        seed: with the epoch and the number of the image the only source of randomness.
        first: number of the first image in the training, behind the labelled ones.
        shrink_ratio: of the training maps.
    """

    pseudo: PseudoSplit
    images: LabelledImages
    sampling: Sampling
    seed: int
    first: int
    shrink_ratio: float = 0.4

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images.annotations)

    def __getitem__(self, key: tuple[int, ...]) -> DetectionSample:
        """The sample of (epoch, index), index from 0.

        Raises:
            ValueError: if the teacher's labels of the image are missing or damaged.
            baseline_code.images.reading.ImageReadError: if the file cannot be read.
        """
        epoch, index = key[:2]
        filename = self.images.annotations[index].filename
        probability, polygons = self.pseudo.teacher.read(filename)
        annotation = ImageAnnotation(filename, words=tuple(map(Word, polygons)))
        rng = np.random.default_rng((self.seed, epoch, self.first + index))
        image, transform, record = self.sampling.read(self.images.folders[index], annotation, rng)
        soft_map = warp_map(probability, transform, record.width_original, record.height_original)
        targets = draw_targets(annotation, transform, self.shrink_ratio)
        return DetectionSample(image, soften_targets(targets, soft_map, self.pseudo.band), record)
