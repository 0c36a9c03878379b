"""A CSV table that several processes add to and people edit by hand."""

import pytest

from baseline_code.csv_table import edit_table, read_table, write_table


def test_a_missing_table_has_no_rows(tmp_path):
    assert read_table(tmp_path / "none.csv") == []


def test_rows_are_changed_and_added_in_one_step(tmp_path):
    path = tmp_path / "new/table.csv"
    with edit_table(path, ("name", "score")) as rows:
        rows.append({"name": "a, b"})
    with edit_table(path, ("name", "score")) as rows:
        rows[0]["score"] = "1"
        rows.append({"name": "c", "more": "x"})
    assert path.read_text() == 'name,score,more\n"a, b",1,\nc,,x\n'


def test_an_error_leaves_the_table_as_it_was(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, [{"name": "a"}], ("name",))
    with pytest.raises(IndexError), edit_table(path, ("name",)) as rows:
        del rows[0], rows[0]
    assert read_table(path) == [{"name": "a"}]
