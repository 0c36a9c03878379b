"""Images for evaluation and prediction: each in one view or several, in batches for the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from baseline_code.images.reading import ImageReadError, open_image
from baseline_code.images.unreadable import UnreadableImage
from baseline_code.training.loading import EpochLoader
from baseline_code.training.sampler import EpochSampler
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.records import ImageRecord
from ocr.geometry import Matrix
from ocr.transforms.tta_views import Fade, TTAViews
from ocr.transforms.warping import warp_image


class SampledView(NamedTuple):
    """The pixels of one view, (H, W, 3) uint8 RGB, the way back to the original, and what its map counts."""

    image: npt.NDArray[np.uint8]
    input_to_original: Matrix
    weight: float
    fade: Fade


class EvaluationSample(NamedTuple):
    """One image and its views; the record's matrix is that of the frame that their maps are fused in."""

    record: ImageRecord
    views: tuple[SampledView, ...]


class ViewPlace(NamedTuple):
    """Where a view went: the chunk, its number there, its matrix, and what its map counts."""

    chunk: int
    slot: int
    input_to_original: Matrix
    weight: float
    fade: Fade


@dataclass(frozen=True)
class EvaluationBatch:
    """The views of some images in chunks for the network, each of one size: no view is padded for another's sake."""

    chunks: tuple[Tensor, ...]  # (N, 3, H, W) uint8 RGB each, channels last in memory
    places: tuple[tuple[ViewPlace, ...], ...]  # image by image
    records: tuple[ImageRecord, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    @property
    def filenames(self) -> tuple[str, ...]:
        """Of the images."""
        return tuple(record.filename for record in self.records)

    def to(self, device: torch.device | str) -> EvaluationBatch:
        """The batch with its tensors on another device; page-locked ones go there without waiting."""
        return self._map(lambda chunk: chunk.to(device, non_blocking=chunk.is_pinned()))

    def pin_memory(self) -> EvaluationBatch:
        """The batch with its tensors in page-locked memory."""
        return self._map(Tensor.pin_memory)

    def _map(self, move: Callable[[Tensor], Tensor]) -> EvaluationBatch:
        return replace(self, chunks=tuple(map(move, self.chunks)))


@dataclass(frozen=True, eq=False)
class EvaluationDataset(Dataset[EvaluationSample | UnreadableImage]):
    """Decodes an image once, whole, and warps it into each of its views.

    Args:
        images: what to read; without words where there are no labels.
        views: chooses the views of each image.
        unreadable: `raise` the loader's error, or `report` the file as an `UnreadableImage`.
    """

    images: LabelledImages
    views: TTAViews
    unreadable: Literal["raise", "report"] = "raise"

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images.annotations)

    def __getitem__(self, key: tuple[int, ...]) -> EvaluationSample | UnreadableImage:
        """The sample of (epoch, index, …); the epoch does not matter.

        Raises:
            baseline_code.images.reading.ImageReadError: if the file cannot be read and `unreadable` is `raise`.
        """
        index = key[1]
        annotation, folder = self.images.annotations[index], self.images.folders[index]
        try:
            with open_image(folder / annotation.filename) as file:
                width, height = file.width, file.height
                image, image_to_original = file.decode()
        except ImageReadError as error:
            if self.unreadable == "raise":
                raise
            return UnreadableImage(annotation.filename, str(error))
        views, frame_to_original = self.views(width, height)
        record = ImageRecord(
            annotation.filename, width, height, frame_to_original, annotation.polygons, annotation.ignore
        )
        sampled = (
            SampledView(
                warp_image(image, view.transform, image_to_original),
                view.transform.input_to_original,
                view.weight,
                view.fade,
            )
            for view in views
        )
        return EvaluationSample(record, tuple(sampled))


def evaluation_loader(
    images: LabelledImages,
    views: TTAViews,
    *,
    batch_size: int,
    num_workers: int,
    unreadable: Literal["raise", "report"] = "raise",
    trainer: pl.Trainer | None = None,
) -> DataLoader[EvaluationSample | UnreadableImage]:
    """Loads images in their order as batches of the type `EvaluationBatch`.

    Args:
        images: what to load.
        views: of each image. Tiles come from one image at a time, for there may be many.
        batch_size: images per batch, and views per chunk, at most.
        num_workers: processes that load; 0: none.
        unreadable: see `EvaluationDataset`.
        trainer: of several processes, each of which gets its own images; None: there is one.

    Raises:
        ValueError: if there are fewer images than processes: one of them would have nothing to do.
    """
    dataset = EvaluationDataset(images, views, unreadable=unreadable)
    at_a_time = 1 if views.tile else batch_size
    sampler = EpochSampler.of_process(trainer, len(dataset), at_a_time, seed=0)
    return EpochLoader.build(dataset, sampler, partial(collate_views, batch_size=batch_size), num_workers)


def collate_views(samples: Sequence[EvaluationSample | UnreadableImage], *, batch_size: int) -> EvaluationBatch:
    """Joins the views of images, those of equal size together, whichever image they are of.

    Args:
        samples: at least one; unreadable ones are only passed on.
        batch_size: views in a chunk, at most.
    """
    images = [sample for sample in samples if isinstance(sample, EvaluationSample)]
    places: list[list[ViewPlace]] = [[] for _ in images]
    chunks: list[Tensor] = []
    for members in _group(images, batch_size):
        for slot, (image, view) in enumerate(members):
            places[image].append(ViewPlace(len(chunks), slot, view.input_to_original, view.weight, view.fade))
        chunks.append(torch.from_numpy(np.stack([view.image for _, view in members])).permute(0, 3, 1, 2))
    return EvaluationBatch(
        tuple(chunks),
        tuple(map(tuple, places)),
        tuple(image.record for image in images),
        tuple(sample for sample in samples if isinstance(sample, UnreadableImage)),
    )


def _group(images: Sequence[EvaluationSample], batch_size: int) -> Iterator[list[tuple[int, SampledView]]]:
    """The views of equal size in chunks, each view with the index of its image."""
    alike: dict[tuple[int, ...], list[tuple[int, SampledView]]] = {}
    for index, image in enumerate(images):
        for view in image.views:
            alike.setdefault(view.image.shape, []).append((index, view))
    for members in alike.values():
        for start in range(0, len(members), batch_size):
            yield members[start : start + batch_size]
