"""Tables fit any width."""

import pytest
from rich.cells import cell_len

from ocr.visualization.tables import Column, print_table, shortened
from tests.visualization.printing import printed


def table(width, *columns):
    return printed(print_table, "title", columns, width=width)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdefghij", 10, "abcdefghij"),
        ("abcdefghij", 6, "ab…hij"),  # 5 characters stay: 2 of the beginning, 3 of the end
        ("abcdefghij", 1, "…"),
    ],
)
def test_the_middle_of_a_name_is_shortened(text, width, expected):
    assert shortened(text, width) == expected


@pytest.mark.parametrize("width", range(1, 30))
def test_a_hangul_counts_as_two(width):
    assert cell_len(shortened("영수증_이미지_001.jpg", width)) <= width


def test_where_there_is_room_nothing_is_shortened():
    text = table(30, Column("name", ["a" * 20], least=5), Column("n", ["1"]))
    assert "a" * 20 in text
    assert "no room" not in text


def test_names_are_shortened_before_columns_go_and_numbers_never():
    columns = (Column("name", ["abcdefghij"], least=6), Column("n", ["12345"]), Column("m", ["6"], dispensable=1))
    assert "│ ab…hij │ 12345 │ 6 │" in table(22, *columns)  # 6 + 5 + 1 characters, and 10 of borders
    text = table(21, *columns)
    assert "│ abc…fghij │ 12345 │" in text  # 9 characters: 21 - 5 - 7 of borders
    assert 'no room for "m": put COLUMNS=22' in " ".join(text.split())


def test_sentences_go_on_between_words_and_their_long_words_are_shortened():
    text = table(14, Column("text", ["one two three abcdefghijklmnop"], least=10, wraps=True))
    cells = [line.strip("│ ") for line in text.splitlines() if line.startswith("│")]
    assert cells == ["one two", "three", "abc…klmnop"]


def test_square_brackets_are_no_markup():
    assert "a[b]" in table(40, Column("name", ["a[b]"], least=5))
