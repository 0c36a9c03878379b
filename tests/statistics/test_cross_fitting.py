"""What a choice is worth on images that it was not made on."""

import numpy as np
import pytest

from ocr.calibration.search import choose_settings
from ocr.statistics import cross_fit, paired_bootstrap
from tests.calibration.synthetic_scores import DEFAULTS, SPACE, synthetic_scorer

IMAGES = 40


def test_an_image_never_takes_part_in_the_choice_it_is_scored_with():
    def score(grid, images):
        assert not set(grid[0]["chosen_on"]) & set(images.tolist())
        return np.zeros((1, len(images)))

    seen = []

    def choose(images):
        seen.append(images.tolist())
        return {"chosen_on": images.tolist()}

    cross_fit(choose, score, 7, repeats=3)
    assert [len(images) for images in seen] == [3, 4, 3, 4, 3, 4]
    assert sorted(seen[0] + seen[1]) == list(range(7))
    assert len({tuple(images) for images in seen}) == 6  # cut elsewhere every time


def test_scores_are_means_over_the_repeats():
    """Each image is scored once per repeat; the k-th choice of all gives k."""
    choices = iter(range(6))
    unseen = cross_fit(
        lambda _: {"number": next(choices)},
        lambda grid, images: np.full((1, len(images)), grid[0]["number"]),
        2,
        repeats=3,
    )
    assert unseen.sum() == pytest.approx((0 + 1 + 2 + 3 + 4 + 5) / 3)


def gain_of(gain, seed):
    """The gain of cross-fitted settings over those before, and what it looks like on the images that chose."""
    score = synthetic_scorer(gain, images=IMAGES, seed=seed)

    def choose(images):
        return choose_settings(score, SPACE, DEFAULTS, images, n_trials=0).settings

    everything = np.arange(IMAGES)
    before = score([DEFAULTS], everything)[0]
    unseen = cross_fit(choose, score, IMAGES, repeats=3, seed=seed)
    return paired_bootstrap(before, unseen, samples=1000), float(
        (score([choose(everything)], everything) - before).mean()
    )


def test_where_nothing_is_to_be_gained_the_odds_are_even_although_it_looks_like_a_gain():
    measured, apparent = zip(*(gain_of(0.0, seed) for seed in range(20)), strict=True)
    probabilities = np.array([gain.probability for gain in measured])
    assert 0.3 < probabilities.mean() < 0.6
    assert np.count_nonzero(probabilities >= 0.95) <= 3
    assert np.mean(apparent) > 5 * abs(np.mean([gain.mean for gain in measured]))


def test_a_gain_that_is_there_is_shown():
    measured, _ = zip(*(gain_of(0.02, seed) for seed in range(5)), strict=True)
    assert all(gain.probability >= 0.95 for gain in measured)
    assert np.mean([gain.mean for gain in measured]) == pytest.approx(0.02, abs=0.004)


def test_too_few_images_or_repeats_are_refused():
    with pytest.raises(
        ValueError, match="expected two images at least, to choose on one half and score on the other, got 1"
    ):
        cross_fit(dict, lambda grid, images: np.zeros((1, 1)), 1, repeats=1)
    with pytest.raises(ValueError, match="expected one repeat at least, got 0"):
        cross_fit(dict, lambda grid, images: np.zeros((1, 1)), 4, repeats=0)
