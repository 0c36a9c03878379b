"""One writer for the project's CSV files."""

import pytest

from baseline_code.files.csv_file import write_csv


def test_rows_are_written_with_quotes_where_a_cell_needs_them(tmp_path):
    write_csv(tmp_path / "new/a.csv", iter([("파일", "b"), ('a, "b"', 1), ("two\nlines", None), ("\r\n", 0.5)]))
    expected = '파일,b\n"a, ""b""",1\n"two\nlines",\n"\r\n",0.5\n'
    assert (tmp_path / "new/a.csv").read_bytes() == expected.encode()


def test_rows_that_fail_leave_the_older_file_as_it_was(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_csv(path, ([1 / number] for number in (1, 0)))
    assert path.read_text() == "old"
