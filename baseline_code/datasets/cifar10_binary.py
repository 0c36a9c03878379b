"""CIFAR-10's binary release."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from baseline_code.datasets.arrays import ImageArrays
from baseline_code.datasets.checks import check_class_names, check_training_part
from baseline_code.datasets.source import Labels, SourceError
from baseline_code.images.reading import Pixels

SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE  # label, then the red, green and blue planes
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
NAMES_FILE = "batches.meta.txt"


def binary_folder(root: Path) -> Path | None:
    """The folder of the release: `root/cifar-10-batches-bin`, or `root` where it holds one of the files; else None."""
    if (root / FOLDER).is_dir():
        return root / FOLDER
    return root if any((root / name).is_file() for name in (*TRAIN_FILES, TEST_FILE)) else None


def read_binary(folder: Path) -> tuple[ImageArrays, ImageArrays]:
    """Training and test images, in memory (3 kB per image).

    Args:
        folder: of `data_batch_1.bin` … `data_batch_5.bin`, `test_batch.bin` and `batches.meta.txt`.

    Raises:
        SourceError: if a file is missing or cut short, or a label has no name.

    Source:
        Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; cs.toronto.edu/~kriz/cifar.html
    """
    missing = [name for name in (*TRAIN_FILES, TEST_FILE, NAMES_FILE) if not (folder / name).is_file()]
    if missing:
        raise SourceError(f"{folder}: expected CIFAR-10's binary files, got no {', '.join(missing)}")
    text = (folder / NAMES_FILE).read_text(encoding="utf-8")
    classes = tuple(line.strip() for line in text.splitlines() if line.strip())
    check_class_names(classes, str(folder / NAMES_FILE))
    read = [read_batch(folder / name, len(classes)) for name in TRAIN_FILES]
    pixels, labels = (np.concatenate(arrays) for arrays in zip(*read, strict=True))
    train = ImageArrays(pixels, labels, classes, "train")
    check_training_part(train, str(folder))
    return train, ImageArrays(*read_batch(folder / TEST_FILE, len(classes)), classes, "test")


def read_batch(path: Path, num_classes: int) -> tuple[Pixels, Labels]:
    """Images (N, 32, 32, 3) uint8 RGB (a view of planes) and labels (N,) of one file.

    Raises:
        SourceError: if the file is no whole number of images, or a label is not below `num_classes`.
    """
    content = np.fromfile(path, dtype=np.uint8)
    if len(content) == 0 or len(content) % RECORD:
        raise SourceError(f"{path}: expected a multiple of {RECORD} bytes, got {len(content)}; copy it again")
    records = content.reshape(-1, RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() >= num_classes:
        raise SourceError(f"{path}: expected labels from 0 to {num_classes - 1}, got {labels.max()}")
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1), labels
