"""Where each word of a receipt goes: the grid of columns becomes pixels of a flat canvas."""

from dataclasses import dataclass
from itertools import pairwise

from PIL import ImageFont

from synthetic.receipts.content import Cell, Line, Receipt, Rule
from synthetic.receipts.fonts import FontFamily


@dataclass(frozen=True)
class PlacedWord:
    """A word to draw: its pen position on the baseline, in canvas pixels; `continues` the phrase of the word before."""

    text: str
    font: ImageFont.FreeTypeFont
    x: float
    baseline: float
    continues: bool = False


@dataclass(frozen=True)
class PlacedRule:
    """A rule or a barcode to draw: its outer box (left, top, right, bottom), in canvas pixels."""

    kind: Rule
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Page:
    """A laid-out receipt: the size of its paper and what to draw on it, in canvas pixels."""

    width: int
    height: int
    em: int
    words: tuple[PlacedWord, ...]
    rules: tuple[PlacedRule, ...]


def arrange(receipt: Receipt, family: FontFamily, *, em: int, leading: float, bold: bool, padding: float) -> Page:
    """Place every word of `receipt`.

    Args:
        receipt: the lines.
        family: the faces.
        em: text size of a line of scale 1, in canvas pixels.
        leading: distance between baselines, in em.
        bold: whether all of it is bold.
        padding: blank paper around the text, in em.

    Returns:
        The page; words of one line never overlap (a line that is too full is set smaller).
    """
    margin = padding * em
    column = family.column * em
    words: list[PlacedWord] = []
    rules: list[PlacedRule] = []
    y = margin
    for line in receipt.lines:
        y += line.gap * em
        if line.rule is not None:
            height = em * (2.2 if line.rule == "barcode" else leading * 0.62)
            inset = receipt.columns * column * (0.2 if line.rule == "barcode" else 0.0)
            box = (margin + inset, y, margin + receipt.columns * column - inset, y + height)
            rules.append(PlacedRule(line.rule, box))
            y += height
            continue
        height = leading * em * line.scale
        words += _place_line(line, family, em, margin, column, y + height * 0.76, bold=bold or line.bold)
        y += height
    width = round(2 * margin + receipt.columns * column)
    return Page(width, round(y + margin), em, tuple(words), tuple(rules))


def _place_line(
    line: Line, family: FontFamily, em: int, margin: float, column: float, baseline: float, *, bold: bool
) -> list[PlacedWord]:
    size = round(em * line.scale)
    while True:
        cells = [_place_cell(cell, family, size, margin, column, baseline, bold=bold) for cell in line.cells]
        ends = [(words[0].x, words[-1].x + words[-1].font.getlength(words[-1].text)) for words in cells]
        gap = 0.45 * size
        crowded = any(left[1] + gap > right[0] for left, right in pairwise(ends))
        outside = any(start < margin * 0.4 for start, _ in ends)
        if size <= em // 2 or not (crowded or outside):
            return [word for words in cells for word in words]
        size = round(size * 0.95)


def _place_cell(
    cell: Cell, family: FontFamily, size: int, margin: float, column: float, baseline: float, *, bold: bool
) -> list[PlacedWord]:
    texts = cell.text.split()
    fonts = [family.font(text, size, bold=bold) for text in texts]
    space = family.space * size
    lengths = [font.getlength(text) for font, text in zip(fonts, texts, strict=True)]
    total = sum(lengths) + space * (len(texts) - 1)
    x = margin + cell.column * column - {"left": 0.0, "center": 0.5, "right": 1.0}[cell.align] * total
    words: list[PlacedWord] = []
    for text, font, length in zip(texts, fonts, lengths, strict=True):
        words.append(PlacedWord(text, font, x, baseline, continues=bool(words)))
        x += length + space
    return words
