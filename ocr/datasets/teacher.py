"""Images without labels, and the teacher that labels them for training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ocr.annotations.labelled_images import LabelledImages
from ocr.geometry import Polygon
from ocr.label_maps.soft_maps import IgnoreBand


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
class PseudoPart:
    """A teacher's images, which train beside the labelled ones.

    Args:
        teacher: labels them.
        band: which probabilities of the teacher are not believed.
    """

    teacher: Teacher
    band: IgnoreBand
