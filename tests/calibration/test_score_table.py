"""Scores are computed once."""

import numpy as np
import pytest

from ocr.calibration import score_grid
from ocr.calibration import score_table as module
from ocr.calibration.score_table import ScoreTable
from tests.calibration.labelled_maps import labelled_map

MAPS = [labelled_map(f"{seed}.jpg", seed=seed) for seed in range(3)]
FIXED = {"mode": "polygon", "max_candidates": 500}
GRID = [{"thresh": 0.3, "box_thresh": 0.4}, {"thresh": 0.3, "box_thresh": 0.8}, {"thresh": 0.5, "box_thresh": 0.4}]


@pytest.fixture
def asked(monkeypatch):
    """File names and number of settings of each call of `score_grid`."""
    calls = []

    def counting(maps, grid, **options):
        calls.append(([one.record.filename for one in maps], len(grid)))
        return score_grid(maps, grid, **options)

    monkeypatch.setattr(module, "score_grid", counting)
    return calls


def test_scores_are_those_of_the_grid_in_the_order_asked_for():
    expected = score_grid(MAPS, [FIXED | settings for settings in GRID])
    chosen = np.array([2, 0])
    found = ScoreTable(MAPS, FIXED).scores(GRID[::-1], chosen)
    for name in ("precision", "recall", "hmean"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name)[::-1][:, chosen])


def test_nothing_is_scored_twice(asked):
    table = ScoreTable(MAPS, FIXED)
    table.objective(GRID[:2], np.array([0, 1]))
    table.objective(GRID, np.array([0, 1, 2]))
    first = table.objective(GRID[1:], np.array([2, 1]))
    assert asked == [(["0.jpg", "1.jpg"], 2), (["0.jpg", "1.jpg", "2.jpg"], 3)]
    renamed = [dict(reversed(settings.items())) for settings in GRID[1:]]  # in any order of their names
    np.testing.assert_array_equal(first, table.objective(renamed, np.array([2, 1])))
    assert table.objective([], np.array([0, 1])).shape == (0, 2)
    assert table.objective(GRID, np.array([], np.int64)).shape == (3, 0)
    assert len(asked) == 2
