"""Folds are alike, and groups stay whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.cross_validation.assignment import assign, assign_by_fractions


def singles(count):
    return [[index] for index in range(count)]


def traits_of(count, seed=0):
    """Numbers of words and heights of words, with a long tail each."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.lognormal(4, 0.5, count), rng.lognormal(-4, 0.4, count)], axis=1)


def spread(folds, traits):
    """Deviation of the folds' means, as a fraction of the overall mean."""
    means = np.array([traits[fold].mean(axis=0) for fold in folds])
    return means.std(axis=0) / traits.mean(axis=0)


@given(sizes=st.lists(st.integers(1, 6), min_size=5, max_size=40), n_splits=st.integers(2, 5), seed=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_groups_never_straddle_and_every_image_is_dealt_once(sizes, n_splits, seed):
    ends = np.cumsum(sizes)
    groups = [list(range(end - size, end)) for size, end in zip(sizes, ends, strict=True)]
    folds = assign(groups, traits_of(int(ends[-1]), seed), n_splits, seed)
    assert sorted(index for fold in folds for index in fold) == list(range(ends[-1]))
    owner = {index: number for number, fold in enumerate(folds) for index in fold}
    assert all(len({owner[index] for index in group}) == 1 for group in groups)
    assert max(map(len, folds)) - min(map(len, folds)) <= max(sizes)


@pytest.mark.parametrize("count", [10, 11, 13, 100])
def test_without_groups_sizes_differ_by_one_at_most(count):
    for traits in (traits_of(count), np.zeros((count, 2))):
        sizes = [len(fold) for fold in assign(singles(count), traits, 5, 0)]
        assert sum(sizes) == count
        assert max(sizes) - min(sizes) <= 1


def test_small_images_make_up_for_large_groups():
    groups = [list(range(12)), *([index] for index in range(12, 60))]
    assert [len(fold) for fold in assign(groups, traits_of(60), 5, 0)] == [12] * 5


def test_stratified_folds_are_more_alike_than_random_ones():
    traits = traits_of(200)
    assigned = np.mean([spread(assign(singles(200), traits, 5, seed), traits) for seed in range(5)], axis=0)
    rng = np.random.default_rng(0)
    random = np.mean([spread(np.array_split(rng.permutation(200), 5), traits) for _ in range(50)], axis=0)
    assert (assigned < random / 3).all(), (assigned, random)


def test_rare_kinds_are_spread():
    traits = np.zeros((50, 1))
    traits[:5] = 100.0  # five of fifty
    assert [sum(index < 5 for index in fold) for fold in assign(singles(50), traits, 5, 0)] == [1] * 5


@pytest.mark.parametrize("n_splits", [1, 0, -2])
def test_one_fold_is_none_and_fewer_groups_than_folds_are_refused(n_splits):
    with pytest.raises(ValueError, match=rf"expected at least 2 folds, got kfold\.n_splits={n_splits}"):
        assign(singles(5), traits_of(5), n_splits, 0)
    with pytest.raises(ValueError, match=r"for each of 3 folds, got 2 groups of 5 images: take fewer folds"):
        assign([[0, 1, 2], [3, 4]], traits_of(5), 3, 0)


@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.1), (0.5, 0.5), (0.9, 0.1)])
def test_splits_have_their_sizes_and_resemble_each_other(fractions):
    traits = traits_of(200)
    splits = assign_by_fractions(singles(200), traits, fractions, 0)
    assert [len(split) for split in splits] == [round(200 * fraction) for fraction in fractions]
    rng = np.random.default_rng(0)
    ends = np.cumsum([len(split) for split in splits])[:-1]
    random = np.mean([spread(np.split(rng.permutation(200), ends), traits) for _ in range(50)], axis=0)
    assert (spread(splits, traits) < random).all()


def test_a_large_group_goes_to_the_split_that_it_fills_least_and_no_split_stays_empty():
    groups = [list(range(7)), *([index] for index in range(7, 20))]
    splits = assign_by_fractions(groups, traits_of(20), (0.1, 0.8, 0.1), 0)
    assert set(range(7)) <= set(splits[1])
    assert [len(split) for split in assign_by_fractions(singles(3), traits_of(3), (0.98, 0.01, 0.01), 0)] == [1, 1, 1]
