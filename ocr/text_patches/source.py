"""Patches of text and of background out of detection labels: what an encoder learns before it detects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from baseline_code.datasets.labelled import ImageArrays
from baseline_code.datasets.source import Splits
from baseline_code.images.reading import read_image
from baseline_code.threads import map_in_order
from ocr.annotations.labelled_images import read_images
from ocr.annotations.words import ImageAnnotation
from ocr.text_patches.cutting import Patches, Scene, class_names, cut_patches
from synthetic.receipts import generate_receipt


@dataclass(frozen=True)
class TextPatchSource:
    """Cuts patches out of labelled images and out of generated receipts, equally many of each.

    The classes are `background` and, where a word runs through the middle, its height class with its angle class:
    whether there is text, how large it is and how it is skewed are one question with one answer. Every tenth image is
    kept for validation and gives no training patch.

    Args:
        root: detection data, `images/<split>` and `jsons/<split>.json` below it; None: generated receipts only.
        split: of the data.
        generated: receipts to generate besides.
        train: number of training patches.
        val: number of validation patches.
        size: side of a patch, px.
        seed: of all choices.
        threads: images worked on at a time.

    Raises:
        ValueError: if a number is out of its range, or fewer than two receipts are to be generated without a root.
    """

    root: str | Path | None
    split: str = "train"
    generated: int = 100
    train: int = 40_000
    val: int = 4_000
    size: int = 64
    seed: int = 0
    threads: int = 2

    def __post_init__(self) -> None:
        if min(self.train, self.val) < 1 or self.generated < 0 or self.size < 32:
            raise ValueError(
                "expected train and val >= 1, generated >= 0 and size >= 32, "
                f"got train={self.train}, val={self.val}, generated={self.generated}, size={self.size}"
            )
        if self.root is None and self.generated < 2:
            raise ValueError(
                f"expected a data root, or at least 2 generated receipts, got {self.generated} and no root"
            )

    def load(self) -> Splits:
        """All patches, in memory; each image is decoded once.

        Raises:
            ValueError: if there are fewer than two images, labelled and generated.
            ocr.annotations.faults.AnnotationError: if the labels are broken, images are missing, or both are of
                different sizes.
            baseline_code.images.reading.ImageReadError: if an image cannot be read.
        """
        scenes = self._labelled()
        scenes += [partial(_generated_scene, self.seed, index) for index in range(self.generated)]
        if len(scenes) < 2:
            raise ValueError(
                f"{self.root}: expected at least 2 images to cut patches from, one of them for validation, "
                f"got {len(scenes)}: label more, or generate receipts (datasets.patches.generated)"
            )
        train, val = [scene for index, scene in enumerate(scenes) if index % 10], scenes[::10]
        return Splits(self._cut("train", train, self.train), self._cut("val", val, self.val), None)

    def _labelled(self) -> list[Callable[[], Scene]]:
        if self.root is None:
            return []
        images = read_images(Path(self.root), self.split)
        images.check_sizes()
        return [partial(_labelled_scene, folder, annotation) for annotation, folder in zip(*images, strict=True)]

    def _cut(self, split: str, scenes: Sequence[Callable[[], Scene]], count: int) -> ImageArrays:
        """`count` patches, assigned evenly to the scenes; patch i does not depend on the number of threads."""
        counts = [len(range(index, count, len(scenes))) for index in range(len(scenes))]
        stream = int(split == "val")

        def work(index: int) -> Patches:
            rng = np.random.default_rng((self.seed, stream, index))
            return cut_patches(scenes[index](), counts[index], self.size, rng)

        pieces = list(map_in_order(work, range(len(scenes)), self.threads))
        images, labels = (np.concatenate(column) for column in zip(*pieces, strict=True))
        return ImageArrays(images, labels, class_names(), split)


def _labelled_scene(folder: Path, annotation: ImageAnnotation) -> Scene:
    return Scene(read_image(folder / annotation.filename), annotation.polygons)


def _generated_scene(seed: int, index: int) -> Scene:
    receipt = generate_receipt(seed, index)
    return Scene(receipt.image, receipt.polygons)
