"""Stratified choice."""

import numpy as np
import pytest

from baseline_code.datasets.split import stratified_limit, stratified_split

LABELS = np.array([0] * 20 + [1] * 10 + [2] * 5)


def test_every_class_has_its_share_in_every_part_and_nothing_is_lost():
    parts = stratified_split(LABELS, (0.2, 0.1), seed=3, classes="abc")
    counts = [np.bincount(LABELS[part]).tolist() for part in parts]
    # round(0.2 n) = 4, 2, 1; round(0.1 n) = 2, 1, round(0.5) = 0 but at least 1
    assert counts == [[14, 7, 3], [4, 2, 1], [2, 1, 1]]
    assert sorted(np.concatenate(parts).tolist()) == list(range(35))


def test_the_seed_decides_and_a_share_of_zero_is_an_empty_part():
    first, again, other = (stratified_split(LABELS, (0.2, 0.0), seed=seed, classes="abc") for seed in (0, 0, 1))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[1], other[1])
    assert len(first[2]) == 0


def test_a_class_that_is_too_small_is_refused():
    with pytest.raises(
        ValueError, match="expected more than 2 pictures of the class 'b' to split it into 3 parts, got 2"
    ):
        stratified_split(np.array([0, 0, 0, 0, 1, 1]), (0.2, 0.2), seed=0, classes="ab")


def test_a_limit_keeps_proportions_and_every_class():
    assert np.bincount(LABELS[stratified_limit(LABELS, 7)]).tolist() == [4, 2, 1]
    assert sorted(LABELS[stratified_limit(LABELS, 3)].tolist()) == [0, 1, 2]
    assert stratified_limit(LABELS, 100).tolist() == list(range(35))
    assert set(stratified_limit(LABELS, 5)) < set(stratified_limit(LABELS, 12))
    with pytest.raises(ValueError, match="expected a limit of at least 1 picture, got 0"):
        stratified_limit(LABELS, 0)
