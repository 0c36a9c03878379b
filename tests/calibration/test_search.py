"""Settings chosen on some images."""

import numpy as np
import pytest

from ocr.calibration.search import choose_settings, grid_settings
from ocr.calibration.space import Axis, SearchSpace
from tests.calibration.synthetic_scores import BEST, DEFAULTS, SPACE, synthetic_scorer

ALL = np.arange(40)


def test_a_hill_is_found():
    choice = choose_settings(synthetic_scorer(0.05), SPACE, DEFAULTS, ALL, n_trials=0)
    assert (choice.settings["thresh"], choice.settings["box_thresh"]) == (BEST["thresh"], BEST["box_thresh"])
    assert choice.scan.score.shape == (9, 9)
    assert np.unravel_index(choice.scan.score.argmax(), (9, 9)) == (2, 6)


def test_rows_of_the_grid_are_thresh_and_columns_box_thresh():
    space = SearchSpace(Axis(0.1, 0.2, 0.1), Axis(0.3, 0.5, 0.1), {})
    cells = [(one["thresh"], one["box_thresh"]) for one in grid_settings(space, DEFAULTS)]
    assert cells == [(0.1, 0.3), (0.1, 0.4), (0.1, 0.5), (0.2, 0.3), (0.2, 0.4), (0.2, 0.5)]


def test_other_settings_are_searched_where_the_plateau_is_and_kept_where_nothing_is_gained():
    def score(grid, images):
        """Level, but for 0.001 less per px by which min_size is off 3."""
        return np.array([np.full(len(images), 0.9 - 0.001 * abs(one["min_size"] - 3.0)) for one in grid])

    def level(grid, images):
        return np.full((len(grid), len(images)), 0.9)

    assert choose_settings(score, SPACE, DEFAULTS, ALL, n_trials=20).settings["min_size"] == 3.0
    for before in (DEFAULTS["min_size"], 2.3):  # on the axis or not
        defaults = DEFAULTS | {"min_size": before}
        assert choose_settings(level, SPACE, defaults, ALL, n_trials=5).settings["min_size"] == before


def test_only_the_images_given_are_asked_for():
    asked = set()

    def score(grid, images):
        asked.update(images.tolist())
        return np.full((len(grid), len(images)), 0.9)

    choose_settings(score, SPACE, DEFAULTS, np.array([3, 7]), n_trials=2)
    assert asked == {3, 7}


def test_the_same_seed_chooses_the_same():
    score = synthetic_scorer(0.01, seed=3)
    first, again = (choose_settings(score, SPACE, DEFAULTS, ALL, n_trials=10, seed=5).settings for _ in range(2))
    assert first == again


@pytest.mark.parametrize("n_trials", [0, 7])
def test_progress_is_told_trial_by_trial(n_trials):
    told = []

    def track(sequence, description, total):
        told.append(total)
        return sequence

    choose_settings(synthetic_scorer(0.0), SPACE, DEFAULTS, ALL, n_trials=n_trials, track=track)
    assert told == [n_trials + 1]  # and the start
