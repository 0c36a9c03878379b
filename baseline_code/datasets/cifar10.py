"""CIFAR-10: torchvision's files, or the binary release, which torchvision cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tarfile import TarError

import numpy as np
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import check_integrity

from baseline_code.datasets.checks import check_class_names, check_training_split
from baseline_code.datasets.labelled import ImageArrays
from baseline_code.datasets.source import Labels, SourceError, Splits
from baseline_code.datasets.split import split_images
from baseline_code.files.shown_text import first_line
from baseline_code.images.reading import Pixels

_WAYS_ON = "or copy that folder there, or take archives of images (datasets.source=zip)"
SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE  # label, then the red, green and blue planes
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
NAMES_FILE = "batches.meta.txt"


@dataclass(frozen=True)
class Cifar10Source:
    """The 50,000 training and 10,000 test images, in memory (3 kB each); a validation split is cut off them.

    They are torchvision's `cifar-10-batches-py`, or else the binary release, `cifar-10-batches-bin`.

    Args:
        root: folder of one of the two, or one of them itself.
        download: let torchvision download its folder where it is missing or damaged, and there is no binary release.
        val_fraction: fraction of each class for validation, in [0, 1); 0 makes none.
        seed: of the split.
    """

    root: str | Path
    download: bool = False
    val_fraction: float = 0.1
    seed: int = 0

    def load(self) -> Splits:
        """The splits; classes are in the release's own order, from airplane to truck.

        Raises:
            SourceError: if there is neither, a file is missing or damaged, or the download fails.
        """
        root = Path(self.root)
        root = root.parent if root.name == CIFAR10.base_folder else root
        binary = None if (root / CIFAR10.base_folder).is_dir() else binary_folder(root)
        train, test = read_torchvision(root, download=self.download) if binary is None else read_binary(binary)
        return split_images(train, self.val_fraction, 0.0, self.seed, str(root))._replace(test=test)


def read_torchvision(root: Path, *, download: bool) -> tuple[ImageArrays, ImageArrays]:
    """Training and test images that torchvision reads.

    Its files are pickles, which it opens only where their check sums are the known ones.

    Args:
        root: folder of `cifar-10-batches-py`.
        download: where a file of it is missing or damaged, download all.

    Raises:
        SourceError: see `Cifar10Source.load`.
    """
    folder = root / CIFAR10.base_folder
    try:
        train, test = (CIFAR10(root, train=train, download=download) for train in (True, False))
    except (OSError, RuntimeError, EOFError, HTTPException, TarError) as error:
        raise SourceError(_explained(folder, error, download=download)) from error
    classes = tuple(train.classes)
    arrays = [(split.data, np.array(split.targets, np.int64), classes) for split in (train, test)]
    return ImageArrays(*arrays[0], "train"), ImageArrays(*arrays[1], "test")


def _explained(folder: Path, error: Exception, *, download: bool) -> str:
    reason = first_line(error)
    if download:
        return f"{folder}: expected to download it from {CIFAR10.url}, got {reason}; try again, {_WAYS_ON}"
    if not folder.is_dir():
        return f"{folder}: expected CIFAR-10, got no such folder: set datasets.download=true, {_WAYS_ON}"
    files = [*CIFAR10.train_list, *CIFAR10.test_list, [CIFAR10.meta["filename"], CIFAR10.meta["md5"]]]
    wrong = [name for name, checksum in files if not check_integrity(folder / name, checksum)]
    return (
        f"{folder}: expected CIFAR-10's files, got missing or damaged ones ({', '.join(wrong) or reason}): "
        f"set datasets.download=true, {_WAYS_ON}"
    )


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
    check_training_split(train, str(folder))
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
