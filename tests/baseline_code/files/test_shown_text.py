"""Any text is shown in lines that a terminal can take."""

import pytest

from baseline_code.files.shown_text import shown_text


@pytest.mark.parametrize("text", ["", "a\nb\tc", "한글 é ± 🙂", "x" * 2000])
def test_plain_text_stays(text):
    assert shown_text(text) == text


def test_what_no_terminal_shows_is_escaped():
    assert shown_text("a\0b\x1b[31m \ud800 \udcff\r\x85") == r"a\x00b\x1b[31m \ud800 \udcff\r\x85"


def test_the_middle_of_a_long_line_goes():
    assert shown_text("abcdefgh\nshort", longest=6) == "abc…fgh\nshort"
