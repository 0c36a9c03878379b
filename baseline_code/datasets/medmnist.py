"""MedMNIST files: arrays of images and labels of the three splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from baseline_code.datasets.checks import check_class_names, check_training_split
from baseline_code.datasets.labelled import ImageArrays
from baseline_code.datasets.source import Labels, SourceError, Splits
from baseline_code.files.shown_text import listed
from baseline_code.images.reading import Pixels

MAX_CLASSES = 100_000
"""A larger label is no class, and each number up to it would be one."""


@dataclass(frozen=True)
class NpzSource:
    """An `.npz` with `train_images`, `train_labels`, `val_images`, …; the test split may be missing.

    Images are (N, H, W) grey or (N, H, W, 3) RGB uint8 of one size, labels (N,) or (N, 1) integers from 0.

    Args:
        path: the file.
        class_names: one name per label (of two, label 1 is positive), or None: the labels themselves.

    Source:
        Yang et al., "MedMNIST v2", Scientific Data 2023.
    """

    path: str | Path
    class_names: Sequence[str] | None = None

    def load(self) -> Splits:
        """The splits, in memory.

        Raises:
            SourceError: if arrays are missing or of a wrong shape, size or type, or labels are out of range.
        """
        arrays = self._read()
        has_test = "test_images" in arrays or "test_labels" in arrays
        splits = ("train", "val", "test") if has_test else ("train", "val")
        pixels = {split: self._pixels(arrays, split) for split in splits}
        labels = {split: self._labels(arrays, split, len(pixels[split])) for split in splits}
        sizes = {split: array.shape[1:] for split, array in pixels.items()}
        if len(set(sizes.values())) > 1:
            raise SourceError(f"{self.path}: expected images of one size in all splits, got {sizes}")
        classes = self._classes(labels["train"])
        for split in splits:
            self._check_range(labels[split], split, classes)
        made = [ImageArrays(pixels[split], labels[split], classes, split) for split in splits]
        check_training_split(made[0], str(self.path))
        return Splits(made[0], made[1], made[2] if has_test else None)

    def _read(self) -> dict[str, npt.NDArray[Any]]:
        """All arrays of the file; each is decompressed once."""
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files if name.endswith(("_images", "_labels"))}
        except Exception as error:  # a foreign archive raises anything: zlib.error, NotImplementedError, MemoryError, …
            raise SourceError(
                f"{self.path}: expected an .npz of plain arrays, got {str(error) or repr(error)}"
            ) from error
        # A member that does not begin like an array comes as bytes.
        return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}

    def _array(self, arrays: dict[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
        if name not in arrays:
            raise SourceError(f"{self.path}: expected an array {name!r}, got {listed(sorted(arrays))}")
        return arrays[name]

    def _pixels(self, arrays: dict[str, npt.NDArray[Any]], split: str) -> Pixels:
        array = self._array(arrays, f"{split}_images")
        right_shape = array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3)
        if not right_shape or array.dtype != np.uint8 or array.size == 0:
            raise SourceError(
                f"{self.path}: expected {split}_images of (N, H, W) or (N, H, W, 3) uint8 with N, H, W > 0, "
                f"got {array.shape} {array.dtype}"
            )
        return array

    def _labels(self, arrays: dict[str, npt.NDArray[Any]], split: str, count: int) -> Labels:
        array = self._array(arrays, f"{split}_labels")
        if array.shape not in ((count,), (count, 1)) or array.dtype.kind not in "iu":
            raise SourceError(
                f"{self.path}: expected {split}_labels of one integer for each of {count} images, "
                f"got {array.shape} {array.dtype}"
            )
        if int(array.max()) >= MAX_CLASSES:
            raise SourceError(
                f"{self.path}: expected {split}_labels below {MAX_CLASSES}, for each number is a class, "
                f"got {int(array.max())}"
            )
        return array.reshape(-1).astype(np.int64)

    def _classes(self, labels: Labels) -> tuple[str, ...]:
        names = [str(label) for label in range(int(labels.max()) + 1)] if self.class_names is None else self.class_names
        if len(names) < 2 and self.class_names is None:
            raise SourceError(f"{self.path}: expected images of at least two classes, got only '0'")
        check_class_names(names, f"class_names of {self.path}")
        return tuple(str(name) for name in names)

    def _check_range(self, labels: Labels, split: str, classes: tuple[str, ...]) -> None:
        wrong = np.flatnonzero((labels < 0) | (labels >= len(classes)))
        if len(wrong):
            raise SourceError(
                f"{self.path}: expected {split}_labels from 0 to {len(classes) - 1} ({listed(classes)}), "
                f"got {len(wrong)} others, the first {labels[wrong[0]]} at {wrong[0]}"
            )
