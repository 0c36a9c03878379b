"""Stratified choice: each class in the same proportion in every split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from baseline_code.datasets.labelled import SelectedImages
from baseline_code.datasets.source import LabelledImages, Labels, SourceError, Splits

Indices = npt.NDArray[np.int64]


def split_images(images: LabelledImages, val_fraction: float, test_fraction: float, seed: int, where: str) -> Splits:
    """Cuts images into a training split and, where their fractions are not 0, a validation and a test split.

    Args:
        images: all images; their order matters, so sort them by name.
        val_fraction: of each class, in [0, 1); 0 makes no validation split.
        test_fraction: of each class, in [0, 1); 0 makes no test split.
        seed: which images go where.
        where: what error messages are about.

    Returns:
        The splits; each has the images in their old order.

    Raises:
        SourceError: if the fractions leave nothing to train on, or a class has fewer images than there are splits.
    """
    if not (val_fraction >= 0 and test_fraction >= 0 and val_fraction + test_fraction < 1):
        raise SourceError(
            f"{where}: expected datasets.val_fraction and datasets.test_fraction >= 0 and their sum < 1, "
            f"got {val_fraction} and {test_fraction}"
        )
    try:
        train, val, test = stratified_split(images.labels, (val_fraction, test_fraction), seed, images.classes)
    except ValueError as error:
        raise SourceError(f"{where}: {error}") from error
    return Splits(
        SelectedImages(images, train),
        SelectedImages(images, val) if val_fraction else None,
        SelectedImages(images, test) if test_fraction else None,
    )


def stratified_split(labels: Labels, fractions: tuple[float, ...], seed: int, classes: Sequence[str]) -> list[Indices]:
    """Splits indices so that every class has (nearly) the same fraction in each split.

    Args:
        labels: (N,) classes.
        fractions: of the splits behind the first, each in [0, 1), together below 1.
        seed: which index goes where.
        classes: their names, for the message.

    Returns:
        Ascending indices of the first split, which takes the rest, and of one per fraction. A split with a fraction
        above 0 gets round(n x fraction) of a class of n, and at least one.

    Raises:
        ValueError: if a class has fewer members than there are splits with a fraction above 0.
    """
    splits: list[list[Indices]] = [[] for _ in range(len(fractions) + 1)]
    for label in np.unique(labels):
        members = np.random.default_rng((seed, int(label))).permutation(np.flatnonzero(labels == label))
        sizes = [max(1, round(len(members) * fraction)) if fraction else 0 for fraction in fractions]
        if len(members) <= sum(sizes):
            raise ValueError(
                f"expected more than {sum(sizes)} images of the class {classes[label]!r} to split it into "
                f"{1 + np.count_nonzero(fractions)} splits, got {len(members)}"
            )
        cuts = np.cumsum(sizes)
        for split, chosen in zip(splits, [members[cuts[-1] :], *np.split(members[: cuts[-1]], cuts[:-1])], strict=True):
            split.append(chosen)
    return [np.sort(np.concatenate(split)) if split else np.empty(0, np.int64) for split in splits]


def stratified_group_split(
    labels: Labels, groups: Indices, fraction: float, seed: int, classes: Sequence[str]
) -> tuple[Indices, Indices]:
    """Splits indices in two so that every class has (nearly) its fraction in the second split, and no group is divided.

    Groups are taken at random, each one that still fits. If none of a class fits, its smallest group is taken.

    Args:
        labels: (N,) classes.
        groups: (N,) numbers of the groups, from 0.
        fraction: of each class for the second split, in (0, 1).
        seed: which groups are taken.
        classes: their names, for the message.

    Returns:
        Ascending indices of both splits. The second has round(n x fraction) of a class of n, and at least one, where
        the groups allow it; less where the rest of the class is in larger groups.

    Raises:
        ValueError: if a class is not in both splits, because it has too few groups.
    """
    counts = np.zeros((groups.max() + 1, len(classes)), np.int64)  # of each group's members in each class
    np.add.at(counts, (groups, labels), 1)
    totals = counts.sum(axis=0)
    wanted = np.maximum(np.round(totals * fraction), 1)
    order = np.random.default_rng(seed).permutation(len(counts))
    taken = np.zeros(len(counts), np.bool_)
    held = np.zeros_like(totals)
    for group in order:
        taken[group] = (held + counts[group] <= wanted).all()
        held += counts[group] * taken[group]
    for label in np.flatnonzero(totals).tolist():
        if held[label] == 0:
            having = order[counts[order, label] > 0]
            smallest = having[np.argmin(counts[having].sum(axis=1))]
            taken[smallest] = True
            held += counts[smallest]
    for label in np.flatnonzero((held == totals) & (totals > 0)).tolist():
        raise ValueError(
            f"expected images of the class {classes[label]!r} in more groups (patients) to split it in two, "
            f"got {totals[label]} in {np.count_nonzero(counts[:, label])}"
        )
    second = taken[groups]
    return np.flatnonzero(~second), np.flatnonzero(second)


def stratified_limit(labels: Labels, limit: int) -> Indices:
    """A few indices in which the classes have their proportions, and all occur if `limit` >= their number.

    Args:
        labels: (N,) classes.
        limit: how many, >= 1; a larger choice contains the smaller ones.

    Returns:
        (min(N, limit),) ascending indices.

    Raises:
        ValueError: if `limit` is below 1.
    """
    if limit < 1:
        raise ValueError(f"expected a limit of at least 1 image, got {limit}")
    place = np.empty(len(labels))  # of each image within its class, from 0 to below 1
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        place[members] = np.arange(len(members)) / len(members)
    return np.sort(np.argsort(place, kind="stable")[:limit])
