"""Ink on the canvas: the extents are those of the pixels, smudged words keep theirs."""

import numpy as np

from synthetic.receipts.fonts import load_font
from synthetic.receipts.ink import draw_page
from synthetic.receipts.layout import Page, PlacedRule, PlacedWord

FONT = load_font("sans_regular", 40)


def draw(*words, rules=(), smudged=None, width=300, height=120):
    flags = np.zeros(len(words), bool) if smudged is None else np.array(smudged)
    return draw_page(Page(width, height, 40, words, tuple(rules)), flags, np.random.default_rng(0))


def test_the_extent_is_the_bounding_box_of_the_visible_ink():
    page = draw(PlacedWord("Total", FONT, 30.0, 70.0))
    rows, columns = np.nonzero(page.coverage >= 96 / 255)
    assert page.boxes[0].tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_letters_stand_on_the_baseline_right_of_the_pen():
    box = draw(PlacedWord("E", FONT, 30.0, 70.0)).boxes[0]
    assert box[3] == 70  # no descender: the last row of ink is row 69
    assert 30 <= box[0] <= 36
    assert 27 <= box[3] - box[1] <= 31  # a capital is about 0.72 em of 40 px


def test_each_word_is_measured_by_itself_where_words_overlap():
    alone = draw(PlacedWord("ab", FONT, 30.0, 70.0)).boxes[0]
    both = draw(PlacedWord("ab", FONT, 30.0, 70.0), PlacedWord("XX", FONT, 40.0, 75.0)).boxes[0]
    assert both.tolist() == alone.tolist()


def test_a_smudged_word_keeps_its_extent_and_loses_its_edges():
    word = PlacedWord("8,900", FONT, 60.0, 70.0)
    clear, smeared = draw(word), draw(word, smudged=[True])
    assert smeared.boxes.tolist() == clear.boxes.tolist()
    steepest = [np.abs(np.diff(page.coverage, axis=1)).max() for page in (clear, smeared)]
    assert steepest[1] < 0.2 * steepest[0]


def test_a_word_beyond_the_edge_is_cut_without_an_error():
    page = draw(PlacedWord("Edge", FONT, 280.0, 119.0))
    assert page.coverage.shape == (120, 300)
    assert page.coverage.max() > 0.9


def test_a_page_without_words_has_rules_only():
    page = draw(rules=[PlacedRule("solid", (10.0, 40.0, 290.0, 60.0))])
    rows, columns = np.nonzero(page.coverage)
    assert page.boxes.shape == (0, 4)
    assert (columns.min(), columns.max() + 1) == (10, 290)
    assert 40 <= rows.min() <= rows.max() < 60
