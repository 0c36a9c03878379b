"""Images without labels: a file, a folder or a zip archive, as batches of the network's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from baseline_code.datasets.archive import ZipImages, image_members
from baseline_code.datasets.dataset import resize_square
from baseline_code.datasets.labelled import ImageFiles
from baseline_code.datasets.source import Images, SourceError
from baseline_code.images.listing import images_to_predict
from baseline_code.images.reading import ImageReadError, Pixels
from baseline_code.images.unreadable import UnreadableImage
from baseline_code.training.loading import Workers, count_workers


@dataclass(frozen=True)
class UnlabelledBatch:
    """A batch. `images` is (N, 3, S, S) uint8 RGB, channels last in memory; N may be 0."""

    images: Tensor
    filenames: tuple[str, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    def to(self, device: torch.device | str) -> UnlabelledBatch:
        """The batch with its tensor on another device."""
        return replace(self, images=self.images.to(device, non_blocking=self.images.is_pinned()))

    def pin_memory(self) -> UnlabelledBatch:
        """The batch with its tensor in page-locked memory."""
        return replace(self, images=self.images.pin_memory())


class UnlabelledDataset(Dataset[tuple[str, Pixels | UnreadableImage]]):
    """Reads an image and brings it to the network's size, as in training; files that cannot be read stop no other.

    Args:
        images: what to read.
        img_size: side of the network's input, px.
    """

    def __init__(self, images: Images, img_size: int) -> None:
        self.images = images
        self.img_size = img_size

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[str, Pixels | UnreadableImage]:
        """A name with its (S, S, 3) uint8 RGB, or with the reason why there is none."""
        name = self.images.names[index]
        try:
            return name, resize_square(self.images.read(index), self.img_size)
        except ImageReadError as error:
            return name, UnreadableImage(name, str(error))


def open_images(path: Path) -> Images:
    """The images at a path: of a file, of a folder and those below it, or of a zip archive.

    Raises:
        ValueError: if there is nothing, or no image in it.
    """
    if path.suffix.lower() == ".zip" and path.is_file():
        members = image_members(path)
        return ZipImages(path, members, [0] * len(members), ())
    if path.is_file():
        return ImageFiles(path.parent, [path.name], [0], ())
    if not path.is_dir():
        raise SourceError(f"expected an image, a folder or a zip archive at path={path}, found nothing there")
    names = images_to_predict(path, recursive=True)
    return ImageFiles(path, names, [0] * len(names), ())


def unlabelled_dataloader(
    images: Images, *, img_size: int, batch_size: int, num_workers: Workers
) -> DataLoader[tuple[str, Pixels | UnreadableImage]]:
    """Batches in the order of the images."""
    return DataLoader(
        UnlabelledDataset(images, img_size),
        batch_size=batch_size,
        num_workers=count_workers(num_workers),
        collate_fn=collate,
        pin_memory=torch.cuda.is_available(),
    )


def collate(samples: Sequence[tuple[str, Pixels | UnreadableImage]]) -> UnlabelledBatch:
    """Joins samples of one size; unreadable ones are only passed on."""
    readable = [(name, image) for name, image in samples if not isinstance(image, UnreadableImage)]
    pixels = np.stack([image for _, image in readable]) if readable else np.zeros((0, 1, 1, 3), dtype=np.uint8)
    return UnlabelledBatch(
        torch.from_numpy(pixels).permute(0, 3, 1, 2),
        tuple(name for name, _ in readable),
        tuple(image for _, image in samples if isinstance(image, UnreadableImage)),
    )
