"""Assigning groups of images to folds that resemble each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

STRATA = 8
"""Classes of equal size into which each trait is cut."""

Group = Sequence[int]


def assign(groups: Sequence[Group], traits: npt.ArrayLike, n_splits: int, seed: int) -> list[list[int]]:
    """Gives each group to one fold, so that folds are alike in size and in every trait; see `assign_by_fractions`.

    Args:
        groups: every one of N positions in one group.
        traits: (N, T) numbers to spread evenly, such as the number of words.
        n_splits: folds.
        seed: of what is equal otherwise; the same seed assigns the same folds.

    Returns:
        Sorted positions of each fold. Where no group is larger than one, sizes differ by at most one.

    Raises:
        ValueError: if there are fewer than two folds or fewer groups than folds.
    """
    if n_splits < 2:
        raise ValueError(f"expected at least 2 folds, got kfold.n_splits={n_splits}")
    if len(groups) < n_splits:
        raise ValueError(
            f"expected at least one group of images for each of {n_splits} folds, got {len(groups)} groups of "
            f"{sum(map(len, groups))} images: take fewer folds, or let fewer images be alike"
        )
    return assign_by_fractions(groups, traits, [1.0] * n_splits, seed)


def assign_by_fractions(
    groups: Sequence[Group], traits: npt.ArrayLike, fractions: Sequence[float], seed: int
) -> list[list[int]]:
    """Gives each group to one split, so that splits have the wanted sizes and are alike in every trait.

    The largest groups come first, then the images that are least like the average. Each goes to the split that it fills
    least; of several to that whose surplus over the average it evens out most. No split stays empty.

    Args:
        groups: every one of N positions in one group; at least as many as there are splits.
        traits: (N, T) numbers to spread evenly.
        fractions: size of each split against the others, > 0.
        seed: as of `assign`.

    Returns:
        Sorted positions of each split.
    """
    rng = np.random.default_rng(seed)
    features = _features(np.asarray(traits, np.float64))
    splits: list[list[int]] = [[] for _ in fractions]
    excess = np.zeros((len(splits), features.shape[1]))
    for done, group in enumerate(_order(groups, features, rng)):
        added = features[list(group)].sum(axis=0)
        unlike = excess @ added  # a split's squared excess grows by twice this, and by what is common to all splits
        filled = [(len(split) + len(group)) / fraction for split, fraction in zip(splits, fractions, strict=True)]
        order = rng.permutation(len(splits)).tolist()
        empty = [index for index in order if not splits[index]]
        choices = empty if len(groups) - done <= len(empty) else order
        chosen = min(choices, key=lambda k: (filled[k], unlike[k]))
        splits[chosen].extend(group)
        excess[chosen] += added
    return [sorted(split) for split in splits]


def _features(traits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, T (1 + STRATA)) of mean 0: each trait in its standard deviations, and one flag for each of its classes."""
    cuts = np.quantile(traits, np.arange(1, STRATA) / STRATA, axis=0)
    columns = []
    for trait, cut in zip(traits.T, cuts.T, strict=True):
        classes = np.searchsorted(cut, trait, side="left")
        columns += [trait / (trait.std() or 1.0), *(np.equal(classes, index) for index in range(STRATA))]
    features = np.stack(columns, axis=1).astype(np.float64)
    return np.asarray(features - features.mean(axis=0))


def _order(groups: Sequence[Group], features: npt.NDArray[np.float64], rng: np.random.Generator) -> list[Group]:
    """Large groups first; among equally large ones those that are least like the average, which are hard to place."""
    rarity = [float(np.square(features[list(group)].sum(axis=0)).sum()) for group in groups]
    keys = [(-len(group), -round(rare, 6), rng.random()) for group, rare in zip(groups, rarity, strict=True)]
    return [groups[index] for index in sorted(range(len(groups)), key=keys.__getitem__)]
