"""Any text is shown in lines that a terminal can take."""

import re

import pytest

from baseline_code.files.shown_text import current_time, first_line, listed, shorten, shown_text


@pytest.mark.parametrize("text", ["", "a\nb\tc", "한글 é ± 🙂", "x" * 2000])
def test_plain_text_stays(text):
    assert shown_text(text) == text


def test_what_no_terminal_shows_is_escaped():
    assert shown_text("a\0b\x1b[31m \ud800 \udcff\r\x85") == r"a\x00b\x1b[31m \ud800 \udcff\r\x85"


def test_the_middle_of_a_long_line_goes():
    assert shown_text("abcdefgh\nshort", longest=6) == "abc…fgh\nshort"


@pytest.mark.parametrize(
    ("names", "text"),
    [((), "none"), ("abcde", "a, b, c, d, e"), ("abcdefg", "a, b, c, d, e and 2 more"), (iter("ab"), "a, b")],
)
def test_five_names_are_listed_and_the_others_counted(names, text):
    assert listed(names) == text


def test_a_list_may_be_shorter_and_have_another_separator():
    assert listed(["a, 1", "b, 2", "c, 3"], most=2, between="; ") == "a, 1; b, 2 and 1 more"


@pytest.mark.parametrize(
    ("error", "line"), [(ValueError("one\ntwo"), "one"), (ValueError(""), "ValueError('')"), (KeyError(), "KeyError()")]
)
def test_an_error_is_shown_by_its_first_line_or_by_its_name(error, line):
    assert first_line(error) == line


def test_a_value_is_shown_in_sixty_characters_at_most():
    assert [shorten(value) for value in ("a", None, [1.5])] == ["'a'", "None", "[1.5]"]
    assert shorten("x" * 58) == f"'{'x' * 58}'"
    assert shorten("x" * 59) == f"'{'x' * 56}…"  # the first 57 of 61


def test_a_value_that_python_cannot_show_is_named_by_its_type():
    assert shorten(10**5000) == "a int too large to show"


def test_the_time_is_shown_to_the_second():
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", current_time())
