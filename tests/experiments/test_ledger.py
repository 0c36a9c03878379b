"""The ledger in the order in which people compare submissions."""

import pytest

from ocr.experiments.ledger import sort_ledger
from tests.experiments.runs import submission


def names(rows, sort="leaderboard_hmean"):
    return [found["submission"] for found in sort_ledger(rows, sort)]


def test_the_best_on_the_leaderboard_comes_first_then_the_best_validated():
    scores = {"low": ("0.99", "0.9"), "new": ("0.8",), "newer": ("0.85",), "none": (), "top": ("", "0.95")}
    assert names([submission(name, *pair) for name, pair in scores.items()]) == ["top", "low", "newer", "new", "none"]


@pytest.mark.parametrize(
    ("column", "first", "second", "order"),
    [
        ("polygons", "9", "10", ["second", "first"]),  # as a text, 9 is more than 10
        ("time", "2026-01-02 10:00:00", "2026-01-10 09:00:00", ["second", "first"]),
        ("polygons", "10", "9", ["first", "second"]),
        ("polygons", "9", "9", ["second", "first"]),  # of equal ones the later row
    ],
)
def test_the_largest_number_the_latest_time_and_the_later_row_come_first(column, first, second, order):
    assert names([submission("first", **{column: first}), submission("second", **{column: second})], column) == order


def test_an_unknown_column_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="to be a column of the table, got 'hmean'; there are time"):
        sort_ledger([submission("a")], "hmean")
