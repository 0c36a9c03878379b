"""What every source of labelled images offers to a data module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from baseline_code.files.duplicates import Content
from baseline_code.images.reading import Pixels

Labels = npt.NDArray[np.int64]
"""(N,) indices into the classes."""


class SourceError(ValueError):
    """Images or labels that cannot be used; the message names the file, what was expected and what came."""


class Images(Protocol):
    """Images in a fixed order."""

    @property
    def names(self) -> Sequence[str]:
        """(N,) names, each once in a source: for files their paths below the source's root."""

    def __len__(self) -> int:
        """Number of images N."""

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB of an image, which the caller may overwrite.

        Raises:
            baseline_code.images.reading.ImageReadError: if the image cannot be decoded; the message names it.
        """


class LabelledImages(Images, Protocol):
    """Images of one split."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; of two, the second is the positive one."""

    @property
    def labels(self) -> Labels:
        """(N,) int64: each image's index into `classes`."""

    def content(self, index: int) -> Content:
        """The stored bytes of an image: comparing them is far cheaper than decoding."""


class Splits(NamedTuple):
    """Training, validation and test images with the same classes."""

    train: LabelledImages
    val: LabelledImages | None
    test: LabelledImages | None


class ImageSource(Protocol):
    """Where labelled images come from."""

    def load(self) -> Splits:
        """The splits; pixels are read later, one image at a time, where that saves memory.

        Raises:
            SourceError: if labels or files are missing or cannot be used.
        """
