"""Labelled images: in memory, in files, some of a split, several splits as one."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.datasets.source import LabelledImages, Labels
from baseline_code.files.duplicates import Content, FileContent, StoredContent
from baseline_code.images.reading import Pixels, read_image


class ImageArrays:
    """Images in one array, which is not copied.

    Args:
        pixels: (N, H, W) grey or (N, H, W, 3) RGB, uint8; any memory order.
        labels: (N,) indices into `classes`.
        classes: their names.
        prefix: of the names, `<prefix>/000000` and so on.
    """

    def __init__(self, pixels: Pixels, labels: Labels, classes: tuple[str, ...], prefix: str) -> None:
        self.pixels = pixels
        self.labels = labels
        self.classes = classes
        self.names = tuple(f"{prefix}/{index:06d}" for index in range(len(pixels)))

    def __len__(self) -> int:
        """Number of images."""
        return len(self.pixels)

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB; grey is repeated."""
        image = self.pixels[index]
        if image.ndim == 2:
            return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        return np.array(image, order="C")

    def content(self, index: int) -> Content:
        """The pixels' bytes."""
        return StoredContent(zlib.crc32(self.pixels[index].tobytes()), self.pixels[index].tobytes)


class ImageFiles:
    """Image files below a root; each is read when it is asked for.

    Args:
        root: folder that the names are relative to.
        names: (N,) paths below `root`.
        labels: (N,) indices into `classes`.
        classes: their names.
    """

    def __init__(self, root: Path, names: Sequence[str], labels: Sequence[int], classes: tuple[str, ...]) -> None:
        self.root = root
        self.names = tuple(names)
        self.labels: Labels = np.asarray(labels, dtype=np.int64)
        self.classes = classes

    def __len__(self) -> int:
        """Number of images."""
        return len(self.names)

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB; see `read_image` for errors."""
        return read_image(self.root / self.names[index])

    def content(self, index: int) -> Content:
        """The file's bytes."""
        return FileContent(self.root / self.names[index])


class SelectedImages:
    """Images chosen by index; pixels stay where they are.

    Args:
        images: the split to choose from.
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

    def content(self, index: int) -> Content:
        """Of the chosen image."""
        return self.images.content(int(self.indices[index]))


class JoinedImages:
    """The images of several splits, one split behind the other; pixels stay where they are.

    Args:
        splits: one or more, with the same classes.
    """

    def __init__(self, *splits: LabelledImages) -> None:
        self.splits = splits
        self.classes = splits[0].classes
        self.labels: Labels = np.concatenate([split.labels for split in splits])
        self.names = tuple(chain.from_iterable(split.names for split in splits))
        self._starts = np.cumsum([0, *map(len, splits[:-1])])

    def __len__(self) -> int:
        """Number of images of all splits."""
        return len(self.labels)

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB of an image of one of the splits."""
        split, place = self._place(index)
        return split.read(place)

    def content(self, index: int) -> Content:
        """Of an image of one of the splits."""
        split, place = self._place(index)
        return split.content(place)

    def _place(self, index: int) -> tuple[LabelledImages, int]:
        """The split that an image is of, and its index there."""
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self.splits[number], index - int(self._starts[number])
