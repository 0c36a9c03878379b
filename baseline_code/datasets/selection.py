"""Some of the images of a part."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from baseline_code.datasets.source import LabelledImages, Labels
from baseline_code.images.reading import Pixels


class SelectedImages:
    """Images chosen by index; pixels stay where they are.

    Args:
        images: the part to choose from.
        indices: which of its images, in this order.
    """

    def __init__(self, images: LabelledImages, indices: Iterable[int] | npt.NDArray[np.int64]) -> None:
        self.images = images
        self.indices = np.fromiter(indices, dtype=np.int64)
        self.classes = images.classes
        self.labels: Labels = images.labels[self.indices]
        self.names = tuple(images.names[index] for index in self.indices)

    def __len__(self) -> int:
        """Number of chosen images."""
        return len(self.indices)

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB of the chosen image."""
        return self.images.read(int(self.indices[index]))
