"""The data of one experiment: which part goes through which view, in which loader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from baseline_code.images import read_image_size
from ocr.datasets.annotations import AnnotationError, ImageAnnotation, check_images, read_annotations
from ocr.datasets.batch import DetectionSample, UnreadableImage, collate
from ocr.datasets.dataset import DetectionDataset
from ocr.datasets.leaks import check_no_leak
from ocr.datasets.pixels import PixelAugmentation
from ocr.datasets.sampler import EpochSampler
from ocr.datasets.views import ViewMaker


@dataclass(frozen=True)
class Part:
    """One part of the data and how it is looked at.

    Args:
        split: name of the part: `images/<split>/` and `jsons/<split>.json` below the root.
        view: chooses the view of each picture.
        batch_size: pictures per batch.
        pixels: pixel augmentation, or None.
        limit: only the first so many pictures, or None.
    """

    split: str
    view: ViewMaker
    batch_size: int
    pixels: PixelAugmentation | None = None
    limit: int | None = None


class DetectionDataModule(pl.LightningDataModule):
    """Train, validation and test loaders over `root/images/<split>` and `root/jsons/<split>.json`.

    Args:
        root: folder of the data.
        train: training part; its samples carry training maps.
        val: validation part.
        test: test part.
        num_workers: processes per loader; 0 loads in the main process.
        seed: of order and augmentation.
        shrink_ratio: of the training maps.
        build_maps: by the `workers`, or on the `device` that trains, which gets the outlines instead.
        group_shapes: batch pictures of similar shape (saves padding where views pad to multiples).
        allow_leak: let training and validation share pictures (to overfit a few).
    """

    def __init__(
        self,
        root: str | Path,
        train: Part,
        val: Part,
        test: Part,
        *,
        num_workers: int = 2,
        seed: int = 0,
        shrink_ratio: float = 0.4,
        build_maps: Literal["workers", "device"] = "workers",
        group_shapes: bool = False,
        allow_leak: bool = False,
    ) -> None:
        super().__init__()
        self.root = Path(root)
        self.train, self.val, self.test = train, val, test
        self.num_workers = num_workers
        self.seed = seed
        self.shrink_ratio = shrink_ratio
        self.build_maps: Literal["workers", "device"] = build_maps
        self.group_shapes = group_shapes
        self.allow_leak = allow_leak
        self._annotations: dict[tuple[str, int | None], list[ImageAnnotation]] = {}

    def setup(self, stage: str) -> None:
        """Reads the annotations that the stage needs (`fit`, `validate`, `test`) and refuses leaks.

        Raises:
            ocr.datasets.annotations.AnnotationError: if annotations are broken, or pictures missing.
            ValueError: if a part has no image.
            ocr.datasets.leaks.LeakError: if validation pictures are in the training part.
        """
        needed = {"fit": (self.train, self.val), "validate": (self.val,), "test": (self.test,)}.get(stage, ())
        for part in needed:
            self.annotations(part)
        if stage == "fit" and not self.allow_leak:
            check_no_leak(self._paths(self.train), self._paths(self.val))

    def annotations(self, part: Part) -> list[ImageAnnotation]:
        """Labels of a part, read once, in the file's order.

        Raises:
            ocr.datasets.annotations.AnnotationError: if they are broken, pictures are missing, or there is none.
        """
        key = (part.split, part.limit)
        if key not in self._annotations:
            labels = read_annotations(self.root / "jsons" / f"{part.split}.json")
            check_images(labels, self.folder(part.split))
            self._annotations[key] = list(labels.values())[: part.limit]
        if not self._annotations[key]:
            raise AnnotationError(
                f"expected pictures in the part {part.split!r} of {self.root} (limit: {part.limit}), got none"
            )
        return self._annotations[key]

    def folder(self, split: str) -> Path:
        """Folder of a split's pictures."""
        return self.root / "images" / split

    def sizes(self, part: Part) -> list[tuple[int, int]]:
        """Width and height of each picture of a part, from its labels or else from its header."""
        folder = self.folder(part.split)
        return [
            (annotation.width, annotation.height)
            if annotation.width and annotation.height
            else read_image_size(folder / annotation.filename)
            for annotation in self.annotations(part)
        ]

    def train_dataloader(self) -> DataLoader[DetectionSample | UnreadableImage]:
        """Shuffled, augmented, with training maps."""
        return self._loader(self.train, self.annotations(self.train), self.folder(self.train.split), training=True)

    def val_dataloader(self) -> DataLoader[DetectionSample | UnreadableImage]:
        """In the file's order."""
        return self.labelled_dataloader(self.val)

    def test_dataloader(self) -> DataLoader[DetectionSample | UnreadableImage]:
        """In the file's order."""
        return self.labelled_dataloader(self.test)

    def labelled_dataloader(self, part: Part) -> DataLoader[DetectionSample | UnreadableImage]:
        """Any labelled part in the file's order, without augmentation."""
        return self._loader(part, self.annotations(part), self.folder(part.split), training=False)

    def image_dataloader(self, folder: Path, filenames: Sequence[str]) -> DataLoader[DetectionSample | UnreadableImage]:
        """Pictures without labels, seen as the test part is; unreadable ones are reported in the batches."""
        blank = [ImageAnnotation(name, None, None, (), (), (), (), None) for name in filenames]
        return self._loader(self.test, blank, folder, training=False, unreadable="report")

    def _paths(self, part: Part) -> list[Path]:
        return [self.folder(part.split) / annotation.filename for annotation in self.annotations(part)]

    def _loader(
        self,
        part: Part,
        annotations: list[ImageAnnotation],
        folder: Path,
        *,
        training: bool,
        unreadable: Literal["raise", "report"] = "raise",
    ) -> DataLoader[DetectionSample | UnreadableImage]:
        dataset = DetectionDataset(
            folder,
            annotations,
            part.view,
            pixels=part.pixels,
            seed=self.seed,
            targets=training,
            shrink_ratio=self.shrink_ratio,
            build_maps=self.build_maps,
            unreadable=unreadable,
        )
        sampler = EpochSampler(
            len(annotations),
            part.batch_size,
            seed=self.seed,
            shuffle=training,
            shapes=[width / height for width, height in self.sizes(part)] if training and self.group_shapes else None,
            rank=self.trainer.global_rank if self.trainer else 0,
            world_size=self.trainer.world_size if self.trainer else 1,
        )
        return DataLoader(
            dataset,
            batch_size=part.batch_size,
            sampler=sampler,
            num_workers=self.num_workers,
            collate_fn=collate,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=self.num_workers > 0,
            worker_init_fn=_one_thread_per_worker,
        )


def _one_thread_per_worker(_: int) -> None:
    cv2.setNumThreads(0)
