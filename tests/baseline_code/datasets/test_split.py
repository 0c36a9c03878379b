"""Stratified choice."""

import numpy as np
import pytest

from baseline_code.datasets.split import stratified_group_split, stratified_limit, stratified_split

LABELS = np.array([0] * 20 + [1] * 10 + [2] * 5)


def test_every_class_has_its_share_in_every_split_and_nothing_is_lost():
    splits = stratified_split(LABELS, (0.2, 0.1), seed=3, classes="abc")
    counts = [np.bincount(LABELS[split]).tolist() for split in splits]
    # round(0.2 n) = 4, 2, 1; round(0.1 n) = 2, 1, round(0.5) = 0 but at least 1
    assert counts == [[14, 7, 3], [4, 2, 1], [2, 1, 1]]
    assert sorted(np.concatenate(splits).tolist()) == list(range(35))


def test_the_seed_decides_and_a_fraction_of_zero_is_an_empty_split():
    first, again, other = (stratified_split(LABELS, (0.2, 0.0), seed=seed, classes="abc") for seed in (0, 0, 1))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[1], other[1])
    assert len(first[2]) == 0
    first, again, other = (grouped(LABELS, np.arange(35), seed=seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_a_class_that_is_too_small_or_of_one_group_is_refused():
    words = "expected more than 2 images of the class 'b' to split it into 3 splits, got 2"
    with pytest.raises(ValueError, match=words):
        stratified_split(np.array([0, 0, 0, 0, 1, 1]), (0.2, 0.2), seed=0, classes="ab")
    words = r"expected images of the class 'b' in more groups \(patients\) to split it in two, got 3 in 1"
    with pytest.raises(ValueError, match=words):
        grouped([0] * 6 + [1] * 3, [0, 1, 2, 3, 4, 5, 6, 6, 6])


def grouped(labels, groups, fraction=0.2, seed=0):
    return stratified_group_split(np.array(labels), np.array(groups), fraction, seed, "abc")


def test_where_every_index_is_a_group_each_class_has_its_fraction_exactly():
    first, second = grouped(LABELS, np.arange(35))
    assert np.bincount(LABELS[second]).tolist() == [4, 2, 1]  # a fifth of 20, 10 and 5
    assert sorted([*first.tolist(), *second.tolist()]) == list(range(35))
    assert np.array_equal(first, np.sort(first))


def test_no_group_is_divided_and_each_class_has_nearly_its_fraction():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 400, 2000)  # about five members each
    labels = groups % 3  # a group has one class
    for seed in range(5):
        first, second = grouped(labels, groups, seed=seed)
        assert len(first) + len(second) == 2000
        assert not set(groups[first]) & set(groups[second])
        wanted = np.round(0.2 * np.bincount(labels))
        found = np.bincount(labels[second])
        assert (found <= wanted).all()
        assert (found >= wanted - 2).all()


def test_groups_of_several_classes_are_not_divided_either():
    rng = np.random.default_rng(1)
    groups, labels = rng.integers(0, 200, 1000), rng.integers(0, 3, 1000)
    first, second = grouped(labels, groups)
    assert not set(groups[first]) & set(groups[second])
    assert (np.abs(np.bincount(labels[second]) - 0.2 * np.bincount(labels)) < 6).all()


def test_of_a_class_whose_groups_are_all_too_large_the_smallest_is_taken():
    """A fifth of 9 are 2; the groups of the first class have 5 and 4 members."""
    first, second = grouped([0] * 9 + [1] * 5, [0] * 5 + [1] * 4 + [2, 3, 4, 5, 6])
    assert np.bincount(np.array([0] * 9 + [1] * 5)[second]).tolist() == [4, 1]
    assert len(first) == 9


def test_a_limit_keeps_proportions_and_every_class():
    assert np.bincount(LABELS[stratified_limit(LABELS, 7)]).tolist() == [4, 2, 1]
    assert sorted(LABELS[stratified_limit(LABELS, 3)].tolist()) == [0, 1, 2]
    assert stratified_limit(LABELS, 100).tolist() == list(range(35))
    assert set(stratified_limit(LABELS, 5)) < set(stratified_limit(LABELS, 12))
    with pytest.raises(ValueError, match="expected a limit of at least 1 image, got 0"):
        stratified_limit(LABELS, 0)
