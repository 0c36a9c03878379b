"""Images with their labels: those of a split, of several, of a fold, or of images that may have none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ocr.annotations.faults import AnnotationError
from ocr.annotations.fold_split import check_fits, read_fold_split
from ocr.annotations.labelled_sizes import check_sizes
from ocr.annotations.layout import image_folder, labels_file
from ocr.annotations.reading import check_images, read_annotations, warn_of_unlabelled
from ocr.annotations.words import ImageAnnotation

_FOLD = re.compile(r"(all_but_)?fold_(\d+)")
OWN_LABELS = "annotations.json"
"""Labels that lie beside probability maps, as runners/kfold.py leaves them."""


class LabelledImages(NamedTuple):
    """Labels, and the folder of each one's image."""

    annotations: list[ImageAnnotation]
    folders: list[Path]

    @classmethod
    def in_folder(cls, annotations: Iterable[ImageAnnotation], folder: Path) -> LabelledImages:
        """Images that all lie in one folder."""
        listed = list(annotations)
        return cls(listed, [folder] * len(listed))

    @property
    def filenames(self) -> list[str]:
        """Names of the image files, below their folders."""
        return [annotation.filename for annotation in self.annotations]

    @property
    def paths(self) -> list[Path]:
        """The image files."""
        return [folder / annotation.filename for annotation, folder in zip(*self, strict=True)]

    def check_sizes(self) -> list[tuple[int, int]]:
        """Width and height of each image as displayed, from its header, which its labels must agree with.

        Raises:
            ocr.annotations.faults.AnnotationError: naming the images whose labels are of another size.
        """
        return check_sizes(self.annotations, self.paths)

    def first(self, count: int | None) -> LabelledImages:
        """Only the first so many, or all."""
        return LabelledImages(self.annotations[:count], self.folders[:count])

    def where(self, keep: Sequence[bool]) -> LabelledImages:
        """Those that are flagged, in order."""
        chosen = [index for index, flag in enumerate(keep) if flag]
        return LabelledImages([self.annotations[i] for i in chosen], [self.folders[i] for i in chosen])


def validation_split(fold: int) -> str:
    """Name of the split that a fold validates on."""
    return f"fold_{fold}"


def training_split(fold: int) -> str:
    """Name of the split that a fold trains on: every other fold."""
    return f"all_but_fold_{fold}"


def read_images(root: Path, split: str, folds: Path | None = None) -> LabelledImages:
    """The images of a split of the data; a warning counts and names those in its folder that have no labels.

    Args:
        root: folder of the data, with `images/<split>` and `jsons/<split>.json`.
        split: name of a split or, where there is a split file, `fold_<k>` or `all_but_fold_<k>`.
        folds: the split file, or None.

    Returns:
        Images in the order of the annotation file; of several, one file after the other.

    Raises:
        ocr.annotations.faults.AnnotationError: if annotations are broken, or images missing.
        ocr.annotations.fold_split.FoldSplitError: if the split file does not hold, or assigns other images.
    """
    match = None if folds is None else _FOLD.fullmatch(split)
    if folds is None or match is None:
        return _read_split(root, split)
    fold_split = read_fold_split(folds)
    held_out = fold_split.held_out(int(match.group(2)))
    images = read_splits(root, fold_split.splits)
    check_fits(fold_split, images.filenames, folds)
    training = match.group(1) is not None
    return images.where([(name in held_out) != training for name in images.filenames])


def read_splits(root: Path, splits: Sequence[str]) -> LabelledImages:
    """The images of several splits, one split after the other.

    Raises:
        ocr.annotations.faults.AnnotationError: if annotations are broken, images missing, or two of one name.
    """
    return join_images([_read_split(root, split) for split in splits])


def concatenate(splits: Sequence[LabelledImages]) -> LabelledImages:
    """The images of several splits, one split after the other, whatever their names."""
    return LabelledImages(
        [annotation for split in splits for annotation in split.annotations],
        [folder for split in splits for folder in split.folders],
    )


def join_images(splits: Sequence[LabelledImages]) -> LabelledImages:
    """The images of several splits, one split after the other.

    Raises:
        ocr.annotations.faults.AnnotationError: if two have one name.
    """
    joined = concatenate(splits)
    first: dict[str, Path] = {}
    for annotation, folder in zip(*joined, strict=True):
        if annotation.filename in first:
            raise AnnotationError(
                f"expected each file name once, got {annotation.filename} in {first[annotation.filename]} and in "
                f"{folder}; rename one"
            )
        first[annotation.filename] = folder
    return joined


def _read_split(root: Path, split: str) -> LabelledImages:
    path = labels_file(root, split)
    labels = read_annotations(path)
    folder = image_folder(root, split)
    check_images(labels, folder)
    warn_of_unlabelled(labels, folder, path)
    return LabelledImages.in_folder(labels.values(), folder)


class Labels(NamedTuple):
    """Words by file name, and the file that has them."""

    path: Path
    annotations: Mapping[str, ImageAnnotation]


def read_labels(annotations: str | None, images: str | None, root: Path) -> Labels | None:
    """Labels from a file, or those of a split.

    Args:
        annotations: a JSON; None: `jsons/<images>.json` below the root.
        images: name of a split, or images without labels.
        root: folder of the data.

    Returns:
        None where no file is named, and the split has none or one without any readable word, as that of a test set.

    Raises:
        ocr.annotations.faults.AnnotationError: if the file cannot be read.
    """
    if annotations is not None:
        return Labels(Path(annotations), read_annotations(annotations))
    if images is None or Path(images).exists() or not (path := labels_file(root, images)).is_file():
        return None
    labels = Labels(path, read_annotations(path))
    return labels if any(annotation.readable for annotation in labels.annotations.values()) else None
