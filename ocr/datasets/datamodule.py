"""The data of one experiment: which split goes through which transform, in which loader."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset

from baseline_code.datasets.checks import check_unreadable
from baseline_code.images.unreadable import UnreadableImage
from baseline_code.training.loading import EpochLoader, Workers, count_workers
from baseline_code.training.sampler import EpochSampler
from ocr.annotations.faults import AnnotationError
from ocr.annotations.labelled_images import LabelledImages, concatenate, read_images, training_split, validation_split
from ocr.annotations.leaks import check_no_leak
from ocr.datasets.batch import DetectionSample, collate
from ocr.datasets.dataset import DetectionDataset, Sampling, TrainingDataset
from ocr.datasets.evaluation import EvaluationSample, evaluation_loader
from ocr.datasets.pseudo_labelled import PseudoLabelledDataset, PseudoSplit
from ocr.datasets.word_counts import WordCounts, count_words
from ocr.transforms.geometric import Letterbox, TransformFactory
from ocr.transforms.pixels import PixelAugmentation
from ocr.transforms.tta_views import TTAViews

EvaluationLoader = DataLoader[EvaluationSample | UnreadableImage]
"""Its batches are `EvaluationBatch`."""

_SplitKey = tuple[str, int | None, tuple[str | Path, ...]]


@dataclass(frozen=True)
class Split:
    """One split of the data and how its images are transformed.

    Args:
        split: name of the split: `images/<split>/` and `jsons/<split>.json` below the root, or `fold_<k>` and
            `all_but_fold_<k>` of the split file.
        transform: chooses the transform of each image.
        batch_size: images per batch.
        pixels: pixel augmentation, or None.
        limit: only the first so many images, or None.
        also: more folders of the root's layout, whose images of the training split follow, beside every fold, too. Two
            folders may have images of one name.
    """

    split: str
    transform: TransformFactory
    batch_size: int
    pixels: PixelAugmentation | None = None
    limit: int | None = None
    also: Sequence[str | Path] = ()


class DetectionDataModule(pl.LightningDataModule):
    """Train, validation and test loaders over `root/images/<split>` and `root/jsons/<split>.json`.

    Args:
        root: folder of the data.
        train: training split; its samples carry training maps.
        val: validation split.
        test: test split.
        num_workers: processes per loader, or `auto`: see `count_workers`; 0 loads in the main process.
        seed: of order and augmentation.
        shrink_ratio: of the training maps.
        group_shapes: batch images of similar shape (saves padding where inputs are padded to multiples).
        allow_leak: let training and validation have images in common (to overfit a few).
        folds: split file of a K-fold training, or None.
        fold: train on every other fold of it and validate on this one, from 0; `train` and `val` then say how these
            images are transformed, and their own splits are not read.
        unreadable: a training image that cannot be read ends the training (`raise`), or another one takes its place
            (`skip`). Validation and test always raise: their scores would not compare.
        pseudo: images that a teacher labels, transformed as the training split is and trained on beside it; or None.

    Raises:
        ValueError: if there is a fold without a split file or the other way round, or `unreadable` is neither.
    """

    def __init__(
        self,
        root: str | Path,
        train: Split,
        val: Split,
        test: Split,
        *,
        num_workers: Workers = "auto",
        seed: int = 0,
        shrink_ratio: float = 0.4,
        group_shapes: bool = False,
        allow_leak: bool = False,
        folds: str | Path | None = None,
        fold: int | None = None,
        unreadable: Literal["raise", "skip"] = "raise",
        pseudo: PseudoSplit | None = None,
    ) -> None:
        super().__init__()
        if (folds is None) != (fold is None):
            raise ValueError(f"expected datasets.folds and datasets.fold together, got {folds} and {fold}")
        check_unreadable(unreadable)
        self.root = Path(root)
        self.folds = None if folds is None else Path(folds)
        self.training_split = train.split
        if fold is not None:
            train, val = replace(train, split=training_split(fold)), replace(val, split=validation_split(fold))
        self.train, self.val, self.test = train, val, test
        self.num_workers = count_workers(num_workers)
        self.seed = seed
        self.shrink_ratio = shrink_ratio
        self.group_shapes = group_shapes
        self.allow_leak = allow_leak
        self.unreadable: Literal["raise", "skip"] = unreadable
        self.pseudo = pseudo
        self._leaks_checked = False
        self._images: dict[_SplitKey, LabelledImages] = {}
        self._sizes: dict[_SplitKey, list[tuple[int, int]]] = {}

    def setup(self, stage: str) -> None:
        """Reads the annotations that the stage needs (`fit`, `validate`, `test`) and refuses leaks.

        Raises:
            ocr.annotations.faults.AnnotationError: if annotations are broken or of another size than their
                images, or images are missing.
            ocr.annotations.fold_split.FoldSplitError: if the split file does not fit the data.
            ValueError: if a split has no image.
            ocr.annotations.leaks.LeakError: if validation images are in the training split or among the teacher's.
        """
        needed = {"fit": (self.train, self.val), "validate": (self.val,), "test": (self.test,)}.get(stage, ())
        for split in needed:
            self.images(split)
        if stage == "fit" and not self.allow_leak and not self._leaks_checked:
            check_no_leak(self.training_paths, self.images(self.val).paths)
            self._leaks_checked = True  # the trainer sets up again what a runner has set up
        for split in needed:
            self.sizes(split)

    def images(self, split: Split) -> LabelledImages:
        """A split's labels and where its images are stored, read once, in the file's order.

        Raises:
            ocr.annotations.faults.AnnotationError: if labels are broken, images are missing, or there is none.
            ocr.annotations.fold_split.FoldSplitError: if the split file does not fit the data.
        """
        key = (split.split, split.limit, tuple(split.also))
        if key not in self._images:
            own = read_images(self.root, split.split, self.folds)
            others = [read_images(Path(folder), self.training_split) for folder in split.also]
            self._images[key] = concatenate([own, *others]).first(split.limit)
        if not self._images[key].annotations:
            raise AnnotationError(
                f"expected images in the split {split.split!r} of {self.root} (limit: {split.limit}), got none"
            )
        return self._images[key]

    def sizes(self, split: Split) -> list[tuple[int, int]]:
        """Width and height of each image of a split as displayed, from its header, read once.

        Raises:
            ocr.annotations.faults.AnnotationError: as by `images`; if labels are of another size.
        """
        key = (split.split, split.limit, tuple(split.also))
        if key not in self._sizes:
            self._sizes[key] = self.images(split).check_sizes()
        return self._sizes[key]

    def validation_digest(self) -> str:
        """sha256 of the validation split's file names, sizes, polygons and what is ignored; texts do not matter."""
        digest = hashlib.sha256()
        for annotation in self.images(self.val).annotations:
            facts = (annotation.filename, annotation.width, annotation.height, annotation.ignore)
            digest.update(repr(facts).encode("utf-8", "surrogateescape"))
            for polygon in annotation.polygons:
                digest.update(polygon.tobytes())
        return digest.hexdigest()

    def count_training_words(self) -> WordCounts:
        """How many labelled words train if images are seen whole, as large as the training shows them."""
        labels = zip(self.images(self.train).annotations, self.sizes(self.train), strict=True)
        return count_words(labels, self.train.transform.letterbox, shrink_ratio=self.shrink_ratio)

    @cached_property
    def pseudo_labelled(self) -> LabelledImages:
        """The teacher's images, without words; none where there is no teacher.

        Raises:
            ValueError: if they are not those that the teacher has seen.
        """
        return LabelledImages([], []) if self.pseudo is None else self.pseudo.teacher.labelled_images()

    @property
    def training_images(self) -> LabelledImages:
        """The images that train: the labelled ones and the teacher's."""
        return concatenate([self.images(self.train), self.pseudo_labelled])

    @property
    def training_paths(self) -> list[Path]:
        """The files of the images that train."""
        return self.training_images.paths

    def train_dataloader(self) -> DataLoader[DetectionSample]:
        """Shuffled, augmented, with training maps."""
        filenames = self.training_images.filenames
        dataset = TrainingDataset(self._training_datasets(), filenames, skip_unreadable=self.unreadable == "skip")
        shapes = None
        if self.group_shapes:
            sizes = [*self.sizes(self.train), *self.pseudo_labelled.check_sizes()]
            shapes = [width / height for width, height in sizes]
        sampler = EpochSampler.of_process(
            self.trainer, len(dataset), self.train.batch_size, seed=self.seed, shuffle=True, shapes=shapes
        )
        return EpochLoader.build(dataset, sampler, collate, self.num_workers)

    def _training_datasets(self) -> list[Dataset[DetectionSample]]:
        images, sampling = self.images(self.train), Sampling(self.train.transform, self.train.pixels)
        labelled = DetectionDataset(images, sampling, seed=self.seed, shrink_ratio=self.shrink_ratio)
        if self.pseudo is None:
            return [labelled]
        pseudo_labelled = PseudoLabelledDataset(
            self.pseudo,
            self.pseudo_labelled,
            sampling,
            seed=self.seed,
            first=len(labelled),
            shrink_ratio=self.shrink_ratio,
        )
        return [labelled, pseudo_labelled]

    def val_dataloader(self) -> EvaluationLoader:
        """In the file's order."""
        return self.labelled_dataloader(self.val)

    def test_dataloader(self) -> EvaluationLoader:
        """In the file's order."""
        return self.labelled_dataloader(self.test)

    def labelled_dataloader(self, split: Split) -> EvaluationLoader:
        """A labelled split in the file's order, without augmentation, each process with its own images.

        Raises:
            ocr.annotations.faults.AnnotationError: as by `sizes`.
            ValueError: if there are fewer images than processes: one of them would have nothing to do.
        """
        if not isinstance(split.transform, Letterbox):
            raise ValueError(f"expected a letterbox to see {split.split} by, got {split.transform}")
        self.sizes(split)
        return evaluation_loader(
            self.images(split),
            TTAViews(split.transform),
            batch_size=split.batch_size,
            num_workers=self.num_workers,
            trainer=self.trainer,
        )
