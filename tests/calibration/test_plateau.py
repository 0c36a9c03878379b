"""The middle of what is as good as the best."""

import numpy as np
import pytest

from ocr.calibration.plateau import as_good_as_best, central_trial, find_plateau

BEFORE = np.array([0.5, 0.7])  # mean 0.6


def grid_of(text, *, low=0.6, high=0.8):
    """(A, B, 2): # is a good cell and . a bad one; the good ones gain 0.1 on the one image and 0.3 on the other."""
    good = np.array([[sign == "#" for sign in line] for line in text.split()])
    return np.where(good, high, low)[:, :, None] + np.array([-0.2, 0.2])


def test_the_tolerance_is_the_standard_error_of_the_best_ones_gain():
    """The best gains 0.2 and 0.4 over before: 0.3 +- 0.1 (deviation), so 0.1 / sqrt(2) = 0.0707 of standard error."""
    best = BEFORE + np.array([0.2, 0.4])
    losses = np.array([0.0, 0.07, 0.0708])
    np.testing.assert_array_equal(as_good_as_best(best - losses[:, None], BEFORE), [True, True, False])
    even = BEFORE + 0.2  # the same gain everywhere: no error, no tolerance, and none for the erratic one's own error
    erratic = even + np.array([-0.3, 0.29])
    np.testing.assert_array_equal(as_good_as_best(np.array([even, erratic, even]), BEFORE), [True, False, True])
    one_image = np.array([[0.7], [0.9], [0.9]])
    np.testing.assert_array_equal(as_good_as_best(one_image, np.array([0.5])), [False, True, True])


def test_the_centre_of_a_wide_plateau_is_its_middle_even_though_all_its_cells_are_equal():
    plateau = find_plateau(grid_of("......... .#######. .#######. .#######. .#######. .#######. ........."), BEFORE)
    assert plateau.centre == (3, 4)
    assert plateau.inside[plateau.peak]
    assert find_plateau(np.full((1, 1, 3), 0.5), np.zeros(3)).centre == (0, 0)


def test_a_single_high_cell_is_no_match_for_a_plateau():
    hmean = grid_of("........ .####... .####... .####... ........ ........ ........")
    hmean[6, 7] = hmean[2, 2] + 0.05
    plateau = find_plateau(hmean, BEFORE)
    assert plateau.centre in {(2, 2), (2, 3)}
    assert not plateau.inside[6, 7]


def test_equally_good_cells_elsewhere_do_not_belong_to_the_plateau():
    hmean = grid_of(".......... .###....## .###....## .###....## ..........")
    plateau = find_plateau(hmean, hmean.mean(axis=(0, 1)))
    assert plateau.inside[2, 2]
    assert not plateau.inside[:, 5:].any()
    assert plateau.centre == (2, 2)


def test_the_grid_turned_turns_the_centre():
    hmean = grid_of("......... .#######. .#######. .#######. .....###. .....###. .........")
    row, column = find_plateau(hmean, BEFORE).centre
    assert find_plateau(hmean.transpose(1, 0, 2), BEFORE).centre == (column, row)


def test_the_start_stays_where_nothing_beats_it_for_sure():
    hmean = np.array([[0.8, 0.9], [0.78, 0.95]])  # gains -0.02 and 0.05: 0.015 +- 0.025
    assert central_trial(np.array([[0.0], [1.0]]), hmean) == 0


def test_of_those_that_beat_the_start_the_middle_one_is_taken():
    """Three of equal worth at 0.1, 0.5 and 1: 0.5 is 0.45 off the others in the mean, 0.1 is 0.65 and 1 is 0.7."""
    places = np.array([[0.0], [1.0], [0.1], [0.5], [0.4]])
    hmean = np.array([[0.8, 0.8], [0.9, 0.9], [0.9, 0.9], [0.9, 0.9], [0.85, 0.85]])
    assert central_trial(places, hmean) == 3


@pytest.mark.parametrize("better", [1, 2])
def test_of_two_the_better_one_is_taken(better):
    hmean = np.array([[0.5, 0.7], [0.8, 0.9], [0.8, 0.9]])
    hmean[better] += 0.001
    assert central_trial(np.array([[0.0], [1.0], [2.0]]), hmean) == better
