"""Labelled image files."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np

from baseline_code.datasets.source import Labels
from baseline_code.images.formats import ENDINGS
from baseline_code.images.reading import Pixels, read_image


def is_image_name(name: str) -> bool:
    """Whether a file's name ends like an image's and the file is not hidden."""
    last = name.rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    return bool(stem) and not last.startswith(".") and (dot + ending).lower() in ENDINGS


def find_images(folder: Path) -> list[Path]:
    """All image files below a folder, hidden ones left out, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if is_image_name(path.name) and path.is_file())


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

    def quick_key(self, index: int) -> Hashable:
        """The file's size in bytes."""
        return (self.root / self.names[index]).stat().st_size

    def digest(self, index: int) -> bytes:
        """Hash of the file's bytes."""
        return hashlib.sha256((self.root / self.names[index]).read_bytes()).digest()
