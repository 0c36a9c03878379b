"""Images that are in two splits of the data."""

from __future__ import annotations

import logging

from baseline_code.datasets.source import LabelledImages, SourceError
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
        (name, name of the first equal training image) for each such image of `other`.
    """
    ours, theirs = ([images.content(index) for index in range(len(images))] for images in (other, train))
    found = enumerate(match_contents(ours, theirs))
    return [(other.names[index], train.names[first]) for index, first in found if first is not None]
