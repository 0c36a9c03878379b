"""Reading order: lines from the top, words from the left, also where the page leans."""

import numpy as np
import pytest

from ocr.detection.reading_order import reading_order
from ocr.geometry import rotation, transform_polygon


def word(left, top, width=40, height=10):
    return np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]], np.float32)


LINES = [word(10, 10), word(60, 11), word(150, 9), word(12, 30), word(100, 31), word(10, 50, width=120)]


@pytest.mark.parametrize("degrees", [-30, -5, 0, 8, 40])
def test_words_are_read_line_by_line_at_any_slant(degrees):
    shuffled = [4, 1, 5, 0, 3, 2]
    leaning = [transform_polygon(LINES[number], rotation(degrees, 100, 30)) for number in shuffled]
    assert [shuffled[number] for number in reading_order(leaning)] == [0, 1, 2, 3, 4, 5]


def test_a_line_that_bends_is_one_line():
    """Each word lies 4 px below the one before, of a height of 10 px: the last is on the height of the next line."""
    bent = [word(50 * number, 10 + 4 * number) for number in range(4)]
    assert reading_order([word(0, 30), *bent]) == [1, 2, 3, 4, 0]


def test_a_small_word_belongs_to_the_line_that_it_overlaps():
    assert reading_order([word(10, 10, height=30), word(60, 28, height=10), word(10, 50)]) == [0, 1, 2]


def test_one_word_none_and_upright_ones_have_an_order():
    assert reading_order([]) == []
    assert reading_order([word(5, 5)]) == [0]
    assert reading_order([word(30, 5, width=6, height=40), word(5, 5, width=6, height=40)]) == [1, 0]
