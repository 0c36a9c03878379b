"""A CSV table that several processes add to and people edit by hand."""

import pytest

from ocr.experiments.table import Kind, edit_table, read_table, write_table

SCORES = Kind("a table of scores", ("name", "score"), frozenset({"name"}), "tests write them")
NOTES = Kind("a table of notes", ("name", "note"), frozenset({"name"}), "tests write them")


def test_rows_are_changed_and_added_in_one_step(tmp_path):
    path = tmp_path / "new/table.csv"
    with edit_table(path, SCORES) as rows:
        rows.append({"name": "a, b"})
    with edit_table(path, SCORES) as rows:
        rows[0]["score"] = "1"
        rows.append({"name": "c", "more": "x"})
    assert path.read_text() == 'name,score,more\n"a, b",1,\nc,,x\n'


def test_an_error_leaves_the_table_as_it_was(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, [{"name": "a"}], ("name",))
    with pytest.raises(IndexError), edit_table(path, SCORES) as rows:
        del rows[0], rows[0]
    assert read_table(path) == [{"name": "a"}]


def append(path, **cells):
    with edit_table(path, NOTES) as rows:
        rows.append(cells)


TEXTS = ["one, two", 'said "no"', "two\nlines", "two\r\nlines", "old\rline end"]
TEXTS += ["a; b", "배치 크기", " spaces ", "=1+1", "long, " * 25_000]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_of_any_kind_and_length_stays_as_it_is(tmp_path, text):
    path = tmp_path / "table.csv"
    assert read_table(path) == []
    append(path, name="a", note=text)
    for name in ("b", "c"):
        append(path, name=name)
    assert read_table(path) == [{"name": "a", "note": text}, {"name": "b", "note": ""}, {"name": "c", "note": ""}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_a_spreadsheet_wrote_is_read_and_written_as_it_writes(tmp_path, delimiter):
    """With its mark of UTF-8, without which it would read Hangul as something else; and with its delimiter."""
    path = tmp_path / "table.csv"
    lines = [["name", "note", "problem"], ["a", f'"틀림{delimiter} ""이유"""', "크기"]]
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{delimiter.join(line)}\r\n" for line in lines).encode())
    append(path, name="b")
    lines.append(["b", "", ""])
    assert path.read_bytes() == b"\xef\xbb\xbf" + "".join(f"{delimiter.join(line)}\n" for line in lines).encode()
    assert read_table(path)[0] == {"name": "a", "note": f'틀림{delimiter} "이유"', "problem": "크기"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("problem,name,effect\nsize,a,slow\n", "problem,name,note,effect\nsize,a,,slow\n,b,x,\n"),  # behind its own
        ("name,note,problem\n", "name,note,problem\nb,x,\n"),
        ("name,note,note,,\na,x,y,1,2\n", "name,note,note (2),, (2)\na,x,y,1,2\nb,x,,,\n"),  # of one name, of none
    ],
)
def test_columns_stay_where_people_put_them(tmp_path, before, after):
    path = tmp_path / "table.csv"
    path.write_text(before)
    append(path, name="b", note="x")
    assert path.read_text() == after


def test_cells_beyond_the_columns_stay_also_when_more_come(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("name,note\na,x,1,2\nb,,,\n")
    append(path, name="c")
    assert path.read_text() == "name,note,surplus\na,x,1 2\nb,,\nc,,\n"
    path.write_text(path.read_text().replace("1 2", "1 2,3"))
    assert read_table(path)[0]["surplus"] == "1 2 3"


@pytest.mark.parametrize("typed", ['"never closed', '"closed" too early', '5" tall', '"', 'closed only"'])
@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_quote_that_people_left_open_swallows_no_row(tmp_path, typed, place):
    """Of twenty rows, one of them edited by hand, another with an honest note of two lines."""
    path = tmp_path / "table.csv"
    notes = [f"note {number}" for number in range(20)]
    notes[place] = typed
    lines = [*notes]
    honest = (place + 3) % 20
    lines[honest], notes[honest] = '"two ""quoted"",\nlines"', 'two "quoted",\nlines'
    path.write_text("name,note\n" + "".join(f"{number},{line}\n" for number, line in enumerate(lines)))
    append(path, name="new")
    expected = [{"name": str(number), "note": note} for number, note in enumerate(notes)]
    assert read_table(path) == [*expected, {"name": "new", "note": ""}]
    append(path, name="newer")
    assert len(read_table(path)) == 22


def test_an_open_quote_is_told_by_its_line(tmp_path, caplog):
    (tmp_path / "table.csv").write_text('name,note\na,x\nb,"open\nc,z\n')
    assert len(read_table(tmp_path / "table.csv")) == 3
    assert "table.csv, line 3: its quotes do not close" in caplog.text
