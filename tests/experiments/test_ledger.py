"""The ledger in the order in which people compare submissions."""

import pytest

from ocr.experiments.ledger import LEDGER, sort_ledger


def row(name, val="", leaderboard="", **more):
    known = {"submission": name, "val_hmean": val, "leaderboard_hmean": leaderboard}
    return dict.fromkeys(LEDGER.columns, "") | known | more


def names(rows, sort="leaderboard_hmean"):
    return [found["submission"] for found in sort_ledger(rows, sort)]


def test_the_best_on_the_leaderboard_comes_first_then_the_best_validated():
    rows = [row("low", "0.99", "0.9"), row("new", "0.8"), row("newer", "0.85"), row("none"), row("top", "", "0.95")]
    assert names(rows) == ["top", "low", "newer", "new", "none"]


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
    assert names([row("first", **{column: first}), row("second", **{column: second})], column) == order


def test_an_unknown_column_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="to be a column of the table, got 'hmean'; there are time"):
        sort_ledger([row("a")], "hmean")
