"""Draw the words of a page as ink coverage, and measure the ink of each."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from synthetic.receipts.layout import Page, PlacedRule, PlacedWord

Coverage = npt.NDArray[np.float32]  # (H, W), 0 = paper .. 1 = ink
INK_VISIBLE = 96  # of 255: fainter edge pixels do not count for the extent of a word


@dataclass(frozen=True)
class InkedPage:
    """The ink of a page; `boxes` (N, 4) are the ink extents of the words, xyxy in canvas pixels."""

    coverage: Coverage
    boxes: npt.NDArray[np.float64]


def draw_page(page: Page, smudged: npt.NDArray[np.bool_], rng: np.random.Generator) -> InkedPage:
    """Draw all words and rules of `page`.

    Args:
        page: the layout.
        smudged: (N,) which words to smear until they cannot be read.
        rng: draws the smears and the barcodes.

    Returns:
        Coverage (page.height, page.width) and the extents, in the order of `page.words`.
    """
    coverage = np.zeros((page.height, page.width), np.float32)
    boxes = np.zeros((len(page.words), 4))
    for index, word in enumerate(page.words):
        mask, left, top = _draw_word(word)
        rows, columns = np.nonzero(mask >= INK_VISIBLE / 255)
        boxes[index] = (left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1)
        if smudged[index]:
            mask, left, top = _smudge(mask, left, top, page.em, rng)
        _add(coverage, mask, left, top)
    for rule in page.rules:
        _draw_rule(coverage, rule, page.em, rng)
    return InkedPage(coverage, boxes)


def _draw_word(word: PlacedWord) -> tuple[Coverage, int, int]:
    x, y = round(word.x), round(word.baseline)
    left, top, right, bottom = (round(value) for value in word.font.getbbox(word.text, anchor="ls"))
    image = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), word.text, fill=255, font=word.font, anchor="ls")
    mask: Coverage = np.asarray(image, np.float32) / np.float32(255)
    return mask, x + left - 1, y + top - 1


def _smudge(mask: Coverage, left: int, top: int, em: int, rng: np.random.Generator) -> tuple[Coverage, int, int]:
    pad = em // 3
    padded = cv2.copyMakeBorder(mask, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    sigma = em * float(rng.uniform(0.14, 0.2))
    smeared = cv2.GaussianBlur(padded, (0, 0), sigmaX=sigma * 1.6, sigmaY=sigma)
    return np.asarray(smeared * float(rng.uniform(0.9, 1.2)), np.float32), left - pad, top - pad


def _add(coverage: Coverage, mask: Coverage, left: int, top: int) -> None:
    """Lay `mask` over `coverage` in place; what falls outside is lost."""
    height, width = coverage.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + mask.shape[1], width), min(top + mask.shape[0], height)
    if x1 > x0 and y1 > y0:
        part = coverage[y0:y1, x0:x1]
        np.maximum(part, mask[y0 - top : y1 - top, x0 - left : x1 - left], out=part)


def _draw_rule(coverage: Coverage, rule: PlacedRule, em: int, rng: np.random.Generator) -> None:
    left, top, right, bottom = (round(value) for value in rule.box)
    if rule.kind == "barcode":
        edges = left + np.cumsum(rng.integers(1, 4, (right - left) // 2) * max(1, em // 20))
        for start, end in zip(edges[:-1:2], edges[1::2], strict=False):
            coverage[top:bottom, min(start, right) : min(end, right)] = 1.0
        return
    middle, thick = (top + bottom) // 2, max(2, em // 18)
    if rule.kind == "dashes":
        for x in range(left, right - em // 4, em // 2):
            coverage[middle : middle + thick, x : x + em * 3 // 10] = 1.0
    elif rule.kind == "stars":
        for x in range(left + em // 4, right, em // 2):
            cv2.circle(coverage, (x, middle), em // 9, 1.0, -1)
    else:
        coverage[middle : middle + thick, left:right] = 1.0
        if rule.kind == "double":
            coverage[middle + 3 * thick : middle + 4 * thick, left:right] = 1.0
