"""Images that are in two splits of the data."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import NamedTuple

from baseline_code.datasets.labelled import JoinedImages, SelectedImages
from baseline_code.datasets.source import Comparable, LabelledImages, SourceError
from baseline_code.files.duplicates import match_contents
from baseline_code.files.shown_text import listed

log = logging.getLogger(__name__)


class LeakError(SourceError):
    """The same file is in two splits."""


def check_leaks(train: LabelledImages, other: LabelledImages, split: str) -> None:
    """Refuses training images in another split, and warns of equal ones under other names.

    Raises:
        LeakError: if an image is in both.
    """
    check_distinct_names(train, other, split)
    duplicates = find_duplicates(train, other)
    if duplicates:
        log.warning(
            "%d of %d %s images are in the training split too, byte by byte: %s; scores on them say little",
            len(duplicates),
            len(other),
            split,
            listed(f"{ours} (train: {theirs})" for ours, theirs in duplicates),
        )


def check_distinct_names(train: LabelledImages, other: LabelledImages, split: str) -> None:
    """Refuses an image of the training split in another split.

    Raises:
        LeakError: counting them and naming the first five.
    """
    shared = sorted(set(train.names).intersection(other.names))
    if shared:
        raise LeakError(
            f"expected no training image in the {split} split, got {len(shared)} in both: {listed(shared)}; "
            "take them out of one split"
        )


def find_duplicates(train: LabelledImages, other: LabelledImages) -> list[tuple[str, str]]:
    """Images of another split whose stored bytes are those of a training image.

    Returns:
        (name, name of the first equal training image) for each such image of `other`; none where the images
        cannot be compared (see `Comparable`).
    """
    ours, theirs = _stored(other), _stored(train)
    if ours is None or theirs is None:
        return []
    found = enumerate(match_contents(ours, theirs))
    return [(other.names[index], train.names[first]) for index, first in found if first is not None]


class _Stored(NamedTuple):
    """One image behind selections and joins."""

    images: Comparable
    place: int

    @property
    def quick_key(self) -> Hashable:
        return self.images.quick_key(self.place)

    @property
    def digest(self) -> bytes:
        return self.images.digest(self.place)


def _stored(images: LabelledImages) -> list[_Stored] | None:
    """Where each image is stored; None where the images cannot be compared."""
    if isinstance(images, SelectedImages):
        whole = _stored(images.images)
        return None if whole is None else [whole[index] for index in images.indices.tolist()]
    if isinstance(images, JoinedImages):
        splits = [_stored(split) for split in images.splits]
        return None if None in splits else [stored for split in splits if split for stored in split]
    if not isinstance(images, Comparable):
        return None
    return [_Stored(images, index) for index in range(len(images))]
