"""CIFAR-10 by torchvision, or from its binary release."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tarfile import TarError

import numpy as np
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import check_integrity

from baseline_code.datasets.arrays import ImageArrays
from baseline_code.datasets.cifar10_binary import binary_folder, read_binary
from baseline_code.datasets.source import Parts, SourceError
from baseline_code.datasets.split import split_images

_WAYS_ON = "or copy that folder there, or take archives of images (datasets.source=zip)"


@dataclass(frozen=True)
class Cifar10Source:
    """The 50,000 training and 10,000 test images, in memory (3 kB each); a validation part is split off.

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

    def load(self) -> Parts:
        """The parts; classes are in the release's own order, from airplane to truck.

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
    arrays = [(part.data, np.array(part.targets, np.int64), classes) for part in (train, test)]
    return ImageArrays(*arrays[0], "train"), ImageArrays(*arrays[1], "test")


def _explained(folder: Path, error: Exception, *, download: bool) -> str:
    reason = (str(error) or repr(error)).splitlines()[0]
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
