"""Words on the grid: inside the paper, one after the other, held by the end that their cell names."""

from itertools import pairwise

import numpy as np
import pytest

from synthetic.receipts.content import Cell, Line, Receipt, ReceiptWriter
from synthetic.receipts.fonts import FAMILIES
from synthetic.receipts.layout import arrange

GRID = FAMILIES[0]  # monospaced: a column of 0.52 em


def page_of(*lines, columns=30, family=GRID):
    return arrange(Receipt(lines, columns), family, em=50, leading=1.2, bold=False, padding=1.0)


def end(word):
    return word.x + word.font.getlength(word.text)


def test_the_page_is_the_grid_with_its_padding_and_room_for_rules():
    page = page_of(Line((Cell("a", 0),)), Line((Cell("b", 0),)))
    assert page.width == 880  # 50 + 30 * 0.52 * 50 + 50
    assert page.height == 220  # 50 + 2 * 1.2 * 50 + 50
    plain, ruled = page_of(Line((Cell("a", 0),))), page_of(Line(rule="dashes"), Line((Cell("a", 0),)))
    assert ([rule.kind for rule in ruled.rules], len(ruled.words)) == (["dashes"], 1)
    assert ruled.height > plain.height


@pytest.mark.parametrize(("align", "at"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_a_cell_is_held_by_the_end_it_names(align, at):
    (word,) = page_of(Line((Cell("12.50", 10, align),))).words
    held = word.x + at * (end(word) - word.x)
    assert held == pytest.approx(50 + 10 * 0.52 * 50)  # padding + 10 columns


def test_a_crowded_line_is_set_smaller_until_its_cells_part():
    first, second = page_of(Line((Cell("W" * 16, 0), Cell("123,456.00", 20, "right")))).words
    assert first.font.size < 50
    assert end(first) < second.x


@pytest.mark.parametrize("seed", range(12))
def test_no_words_of_a_line_touch_and_all_are_on_the_paper(seed):
    receipt = ReceiptWriter(np.random.default_rng(seed)).write()
    page = arrange(receipt, FAMILIES[seed % len(FAMILIES)], em=48, leading=1.3, bold=seed % 2 == 0, padding=1.0)
    for left, right in pairwise(page.words):
        assert left.baseline < right.baseline or end(left) < right.x
    assert min(word.x for word in page.words) > 0
    assert max(end(word) for word in page.words) < page.width
    assert max(word.baseline for word in page.words) < page.height
