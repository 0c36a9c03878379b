"""The splits of a data set that has none yet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from baseline_code.files.names import is_plain_file_name
from ocr.annotations.conversion import as_labelled_images
from ocr.annotations.formats.interface import LabelledImage
from ocr.cross_validation.splitting import Grouping, split_by_fractions

SPLITS = ("train", "val", "test")


def assign_splits(
    images: Sequence[LabelledImage], split: str | Sequence[float] | None, seed: int, grouping: Grouping
) -> dict[str, list[LabelledImage]]:
    """The images of each split.

    Args:
        images: all of them.
        split: name of the split; or fractions for train, val and test, as text or numbers; None: the splits that the
            labels state, else train.
        seed: of fractions.
        grouping: what fractions keep together.

    Raises:
        ValueError: if `split` is neither, or a split stays empty.
    """
    fractions = read_fractions(split)
    if fractions is None:
        names = [str(split or image.split or SPLITS[0]) for image in images]
        return {
            name: [image for image, own in zip(images, names, strict=True) if own == name]
            for name in dict.fromkeys(names)
        }
    wanted = {name: fraction for name, fraction in zip(SPLITS, fractions, strict=False) if fraction}
    assigned = split_by_fractions(as_labelled_images(images), list(wanted.values()), seed, grouping)
    return {name: [images[index] for index in chosen] for name, chosen in zip(wanted, assigned, strict=True)}


def read_fractions(split: str | Sequence[float] | None) -> list[float] | None:
    """The fractions in a split, as text or numbers; None where it names a split, or nothing.

    Raises:
        ValueError: if they do not sum to 1, are not two or three, or it is no name either.
    """
    fields = split.strip("[]").split(",") if isinstance(split, str) else split or ()
    try:
        fractions = [float(field) for field in fields]
    except ValueError:
        fractions = []
    if fractions and (
        len(fractions) not in (2, len(SPLITS))
        or min(fractions) < 0
        or not math.isclose(sum(fractions), 1, abs_tol=1e-6)
    ):
        raise ValueError(
            f"expected fractions of {', '.join(SPLITS)} that sum to 1, such as split=0.8,0.1,0.1, got {split}"
        )
    named = isinstance(split, str) and "," not in split and is_plain_file_name(split)
    if not fractions and split is not None and not named:
        raise ValueError(f"expected split to be the name of a split or fractions such as 0.8,0.1,0.1, got {split}")
    return fractions or None
