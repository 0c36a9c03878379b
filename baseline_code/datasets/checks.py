"""Checks of labels for all sources."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from baseline_code.datasets.source import LabelledImages, SourceError
from baseline_code.files.shown_text import listed

log = logging.getLogger(__name__)


def order_classes(found: Iterable[str], wanted: Sequence[str] | None, where: str) -> tuple[str, ...]:
    """The classes in the order of their labels: as wanted, else by number where all are numbers, else by alphabet.

    Args:
        found: class names in the data.
        wanted: all classes, in order, or None.
        where: what the message is about.

    Raises:
        SourceError: if a class was found that is not wanted, a wanted one is missing or named twice, or there are
            fewer than two.
    """
    names = set(found)
    if len(names) < 2:
        got = f"only {next(iter(names))!r}" if names else "none"
        raise SourceError(f"{where}: expected images of at least two classes, got {got}")
    if wanted is None:
        return tuple(sorted(names, key=int if all(name.isdecimal() for name in names) else str))
    check_class_names(wanted, where)
    check_known_classes(names, wanted, where)
    missing = [name for name in wanted if name not in names]
    if missing:
        raise SourceError(f"{where}: expected images of the classes {listed(wanted)}, got none of {listed(missing)}")
    return tuple(wanted)


def check_known_classes(found: Iterable[str], known: Sequence[str], where: str) -> None:
    """Refuses classes that are not known.

    Raises:
        SourceError: naming them and the known ones.
    """
    unknown = sorted(set(found).difference(known))
    if unknown:
        raise SourceError(f"{where}: expected the classes {listed(known)}, got the unknown {listed(unknown)}")


def check_class_names(names: Sequence[str], where: str) -> None:
    """Refuses fewer than two class names, or the same one twice.

    Raises:
        SourceError: naming them.
    """
    if len(names) < 2 or len(set(names)) < len(names):
        raise SourceError(f"{where}: expected at least two classes, each named once, got {listed(names)}")


def check_distinct(names: Sequence[str], kind: str, where: str) -> None:
    """Refuses a name that is there twice; `kind` is what the message calls what they name.

    Raises:
        SourceError: counting such names, and naming the first.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SourceError(f"{where}: expected each {kind} once, got {len(twice)} more than once: {listed(twice)}")


def check_training_split(images: LabelledImages, where: str) -> None:
    """Refuses a training split in which a class has no image.

    Raises:
        SourceError: naming the classes without images.
    """
    absent = _absent_classes(images)
    if absent:
        raise SourceError(f"{where}: expected training images of every class, got none of {listed(absent)}")


def warn_of_absent_classes(images: LabelledImages, split: str) -> None:
    """Warns of a split to evaluate on in which a class has no image, since that changes what its scores mean."""
    absent = _absent_classes(images)
    if absent:
        log.warning("the %s split has no image of %s: an AUC that needs them counts as 0", split, listed(absent))


def _absent_classes(images: LabelledImages) -> list[str]:
    counts = np.bincount(images.labels, minlength=len(images.classes))
    return [name for name, count in zip(images.classes, counts, strict=True) if count == 0]


def check_unreadable(unreadable: str) -> None:
    """Refuses a word for what becomes of unreadable training images that means nothing.

    Raises:
        ValueError: if it is neither `raise` nor `skip`.
    """
    if unreadable not in ("raise", "skip"):
        raise ValueError(f"expected datasets.unreadable to be raise or skip, got {unreadable!r}")
