"""A data set's images become folds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from baseline_code.files.duplicates import file_sha256
from baseline_code.images.perceptual_hash import near_pairs
from ocr.annotations.fold_split import Fold, FoldSplit, FoldStatistics
from ocr.annotations.labelled_images import LabelledImages, read_splits
from ocr.annotations.layout import labels_file
from ocr.cross_validation.assignment import assign, assign_by_fractions
from ocr.cross_validation.groups import Pair, join_groups, pairs_of_equal, read_group_keys
from ocr.cross_validation.text_similarity import similar_pairs
from ocr.cross_validation.traits import ImageTraits, describe_images

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Grouping:
    """What makes images a group that no split divides.

    The defaults come from 476 scanned receipts with five copies among them. Four copies differ by 0 to 2 bits, the
    fifth was scanned anew: only its text tells. Nine of ten images that are scaled, compressed hard or darker differ
    by at most 6 bits from what they were; different receipts by 8 at least (two pairs of nearly empty pages). Copies
    have 0.98 to 1 of their words in common; different receipts of one shop for the same goods up to 0.96, which one
    would not want on both sides either. At 0.9 there are 19 groups, the largest of 7 images; at 0.8 the largest
    has 9; at 0.7 common headings chain whole shops together, into groups of up to 28.

    Attributes:
        hash_distance: bits of 255 by which perceptual hashes may differ; None: pixels are not compared.
        text_similarity: least fraction of common words, in (0, 1]; None: texts are not compared.
        key: see `ocr.cross_validation.groups.read_group_keys`; None: no group is given.
    """

    hash_distance: int | None = 6
    text_similarity: float | None = 0.9
    key: str | None = None


def split_folds(root: Path, splits: Sequence[str], n_splits: int, seed: int, grouping: Grouping) -> FoldSplit:
    """Assigns the images of some splits to folds, alike in size, in number of words and in height of words.

    Args:
        root: folder of the data.
        splits: of the data, to take images from.
        n_splits: folds.
        seed: the same one gives the same folds.
        grouping: what keeps images together.

    Raises:
        ValueError: if there are fewer than two folds, fewer groups than folds, or no group for an image.
        ocr.annotations.faults.AnnotationError: if annotations are broken, images missing, or two of one name.
        baseline_code.images.reading.ImageReadError: if an image cannot be read.
    """
    images = read_splits(root, splits)
    filenames = images.filenames
    traits = describe_images(images)
    groups = join_groups(len(traits), find_pairs(filenames, traits, grouping))
    assigned = assign(groups, _values(traits), n_splits, seed)
    _report(groups, len(filenames) // n_splits)
    return FoldSplit(
        seed=seed,
        splits=tuple(splits),
        fingerprints={split: fingerprint(root, split) for split in splits},
        grouping=asdict(grouping),
        folds=tuple(_fold(fold, filenames, traits, groups) for fold in assigned),
    )


def split_by_fractions(
    images: LabelledImages, fractions: Sequence[float], seed: int, grouping: Grouping
) -> list[list[int]]:
    """Assigns images to splits of the wanted sizes, alike in number of words and in height of words.

    Args:
        images: all of them.
        fractions: of each split, > 0, of which the sum is 1.
        seed: the same one gives the same splits.
        grouping: what keeps images together.

    Returns:
        Positions of the images of each split, in order; none is empty.

    Raises:
        ValueError: if there are fewer groups than splits, or no group for an image.
        baseline_code.images.reading.ImageReadError: if an image cannot be read.
    """
    traits = describe_images(images)
    groups = join_groups(len(traits), find_pairs(images.filenames, traits, grouping))
    if len(groups) < len(fractions):
        raise ValueError(
            f"expected at least one group of images for each of {len(fractions)} splits, got {len(groups)} groups of "
            f"{len(traits)} images"
        )
    _report(groups, round(min(fractions) * len(traits)))
    return assign_by_fractions(groups, _values(traits), fractions, seed)


def fingerprint(root: Path, split: str) -> str:
    """sha256 of a split's annotation file."""
    return file_sha256(labels_file(root, split))


def find_pairs(filenames: Sequence[str], traits: Sequence[ImageTraits], grouping: Grouping) -> list[Pair]:
    """Images that belong together, by their pixels, their text or their given group."""
    pairs: list[Pair] = []
    if grouping.hash_distance is not None and traits:
        pairs += near_pairs(np.stack([image.hash for image in traits]), grouping.hash_distance)
    if grouping.text_similarity is not None:
        pairs += similar_pairs([image.text for image in traits], grouping.text_similarity)
    if grouping.key is not None:
        pairs += pairs_of_equal(read_group_keys(grouping.key, filenames))
    return pairs


def _fold(
    assigned: Sequence[int], filenames: Sequence[str], traits: Sequence[ImageTraits], groups: Sequence[Sequence[int]]
) -> Fold:
    inside = set(assigned)
    own_groups = [group for group in groups if len(group) > 1 and group[0] in inside]
    heights = [traits[index].word_height for index in assigned if traits[index].words]
    words = sum(traits[index].words for index in assigned)
    return Fold(
        tuple(filenames[index] for index in assigned),
        tuple(tuple(filenames[index] for index in group) for group in own_groups),
        FoldStatistics(len(assigned), words, words / len(assigned), float(np.mean(heights)) if heights else 0.0),
    )


def _values(traits: Sequence[ImageTraits]) -> npt.NDArray[np.float64]:
    """(N, 2): what splits are to have in common."""
    return np.array([(image.words, image.word_height) for image in traits], np.float64).reshape(-1, 2)


def _report(groups: Sequence[Sequence[int]], size: int) -> None:
    """Says how many images stay together, and warns where that is more than the wanted size of a split."""
    larger = [group for group in groups if len(group) > 1]
    largest = max(map(len, larger), default=1)
    images = sum(map(len, groups))
    if larger:
        found = f"{sum(map(len, larger))} of {images} images, in {len(larger)} groups, the largest of {largest}"
    else:
        found = f"none of {images} images"
    log.info("kept together as near-duplicates, or by a group: %s", found)
    if largest > size:
        log.warning(
            "a group of %d images is larger than a split of %d: splits will differ in size; see hash_distance, "
            "text_similarity and group",
            largest,
            size,
        )
