"""A data set in three lines, from labels and sizes that a training has read already."""

from __future__ import annotations

from ocr.data_report.advice import advise_size
from ocr.data_report.differences import find_differences
from ocr.data_report.word_shapes import SMALL_PX, WordShapes
from ocr.datasets.word_counts import WordCounts
from ocr.transforms.geometric import Letterbox


def describe_briefly(
    train: WordShapes, val: WordShapes, counts: WordCounts, train_size: int, letterbox: Letterbox
) -> list[str]:
    """What is trained on, how small it is, and whether the validation is of the same kind.

    Args:
        train: words of the training split, one image at least.
        val: words of the validation split.
        counts: of the training split, at its own size.
        train_size: long side at which they were counted, px.
        letterbox: of the validation, which sees images whole.
    """
    lines = [
        f"{len(train.words):,} images to train on, {len(val.words):,} to validate on; {counts} (at {train_size} px)"
    ]
    if len(train.heights):
        size, fractions = advise_size(train, letterbox)
        small = train.small_fraction(letterbox)
        helps = size > letterbox.img_size and fractions[size] < small
        enough = f"; datasets.img_size={size} would leave {fractions[size]:.0%}" if helps else ""
        lines.append(f"{small:.0%} of the words are under {SMALL_PX:g} px at {letterbox}{enough}")
    (different,) = find_differences({"train": train, "val": val}, "train")[1:]
    traits = "; ".join(map(str, different.places))
    lines.append(f"validation differs: {traits}" if traits else "validation images are of the same kind")
    return lines
