"""The paired bootstrap, against closed forms and all resamples of small cases."""

import itertools
import math

import numpy as np
import pytest

from ocr.statistics import PairedGain, paired_bootstrap

MANY = 40_000  # resamples, by which a fraction is known to +- 0.0075 (three standard errors)
TOLERANCE = 0.0075


def gain_of(*gains, **options):
    return paired_bootstrap(np.zeros(len(gains)), gains, **options)


def test_rounding_does_not_break_a_tie():
    """(0.2 - 0.3) + (0.2 - 0.1) is 3e-17 rather than 0 in float64: half of all resamples would count wholly."""
    assert (0.2 - 0.3) + (0.2 - 0.1) > 0
    assert paired_bootstrap([0.3, 0.1], [0.2, 0.2], samples=MANY).probability == pytest.approx(0.5, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("gains", "probability"),
    [
        ((2, -1), 3 / 4),  # the mean is 2 in 1/4 of the resamples, 0.5 in 1/2 and -1 in 1/4
        ((1, -1), 1 / 2),  # 0 in 1/2 and 1 in 1/4: means of 0 count half
        ((0, 0, 1), 23 / 27),  # 0 in 8/27: 19/27 + 4/27
        ((3, -1, -1, 0), None),
        ((0.5, 0.1, -0.2, -0.3), None),
        ((1, 1, 1, -2), None),
        ((4, -3, 0, -0.5), None),
    ],
)
def test_few_images_agree_with_all_their_resamples(gains, probability):
    means = np.array([np.mean(picked) for picked in itertools.product(gains, repeat=len(gains))])
    fraction = np.mean(means > 1e-12) + np.mean(abs(means) <= 1e-12) / 2
    assert fraction == pytest.approx(probability or fraction)
    gain = gain_of(*gains, samples=MANY)
    assert gain.mean == pytest.approx(np.mean(gains))
    assert gain.probability == pytest.approx(fraction, abs=TOLERANCE)
    assert gain.standard_error == pytest.approx(means.std())
    for bound, level in ((gain.low, 0.025), (gain.high, 0.975)):
        around = np.quantile(means, (level - TOLERANCE, level + TOLERANCE), method="nearest")
        assert around[0] <= bound <= around[1]


def test_without_spread_and_without_a_loss_there_is_no_doubt():
    scores = [0.1, 0.7, 0.9]
    assert paired_bootstrap(scores, scores) == PairedGain(0.0, 0.0, 0.0, 0.5, 0.0)
    assert paired_bootstrap([0.25], [0.75]) == PairedGain(0.5, 0.5, 0.5, 1.0, 0.0)
    gain = paired_bootstrap([0.2, 0.4, 0.6], [0.3, 0.6, 0.65])
    assert gain.probability == 1.0
    assert 0.05 <= gain.low < gain.high <= 0.2


def test_exchanged_sides_give_the_other_sign():
    before, after = np.random.default_rng(1).random((2, 50))
    there, back = paired_bootstrap(before, after), paired_bootstrap(after, before)
    assert (back.mean, back.standard_error) == (-there.mean, there.standard_error)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert back.probability == pytest.approx(1 - there.probability)


def test_pairs_matter_and_not_only_the_two_sets():
    """The same scores paired otherwise have the same mean gain and far more spread."""
    before = np.linspace(0, 1, 50)
    paired, shuffled = paired_bootstrap(before, before + 0.01), paired_bootstrap(before, (before + 0.01)[::-1])
    assert paired.mean == pytest.approx(shuffled.mean)
    assert paired.standard_error < 1e-9 < 0.05 < shuffled.standard_error


def test_a_seed_gives_the_same_answer_again():
    before, after = np.random.default_rng(2).random((2, 30))
    assert paired_bootstrap(before, after, seed=4) == paired_bootstrap(before, after, seed=4)
    assert paired_bootstrap(before, after, seed=4) != paired_bootstrap(before, after, seed=5)


def test_more_images_than_are_drawn_at_once():
    after = np.zeros(2**20 + 1)
    after[::2] = 1.0
    assert paired_bootstrap(np.zeros_like(after), after, samples=2).low == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("before", "after", "samples", "message"),
    [
        ([0.1, 0.2], [0.1], 10, r"two scores \(N,\) of the same images, got shapes \(2,\) and \(1,\)"),
        ([[0.1]], [[0.1]], 10, r"got shapes \(1, 1\)"),
        ([], [], 10, "one image at least, got none"),
        ([0.1, math.nan], [0.1, 0.2], 10, r"expected finite scores, got others at \[1\]"),
        ([0.1], [math.inf], 10, r"expected finite scores, got others at \[0\]"),
        ([0.1], [0.2], 0, "expected samples >= 1, got 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(before, after, samples, message):
    with pytest.raises(ValueError, match=message):
        paired_bootstrap(before, after, samples=samples)
