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


def test_numbers_are_no_texts():
    """As a text, 9 is more than 10."""
    assert names([row("few", polygons="9"), row("many", polygons="10")], "polygons") == ["many", "few"]


def test_the_latest_comes_first():
    rows = [row("old", time="2026-01-02 10:00:00"), row("new", time="2026-01-10 09:00:00")]
    assert names(rows, "time") == ["new", "old"]


def test_of_equal_ones_the_later_row_comes_first():
    assert names([row("a", "0.9", "0.9"), row("b", "0.9", "0.9")]) == ["b", "a"]


def test_an_unknown_column_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="to be a column of the table, got 'hmean'; there are time"):
        sort_ledger([row("a")], "hmean")
