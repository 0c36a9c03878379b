"""Signs: lines of random words in perspective on a photograph, with or without a plate."""

import string
from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np

from ocr.geometry.polygons import at_least_four, clip_polygon
from synthetic.receipts import GeneratedImage, paper
from synthetic.receipts.fonts import FAMILIES, has_hangul
from synthetic.receipts.ink import draw_page
from synthetic.receipts.layout import Page, PlacedWord
from synthetic.receipts.render import LabelBox, LabelUnit, label_boxes
from synthetic.receipts.vocabulary import ENGLISH, KOREAN, characters
from synthetic.receipts.warp import PaperWarp, box_polygon, paper_edge, random_warp

SIZES = (14, 90)  # px per em
SLANT = 18.0  # largest rotation to either side, degrees
PERSPECTIVE = 0.08  # largest move of a corner, as part of the sign's height
OVERHANG = 0.15  # largest part of a sign's width or height beyond the border
PLATES = 0.45  # part of the signs with a plate
CONTRAST = 0.25  # least difference of mean colours between words and what is below them

_CELLS = [cell for wording in (ENGLISH, KOREAN) for cell in (*wording.shops, *wording.streets, *wording.footers)]
VOCABULARY = sorted({word for cell in _CELLS for word in cell.split()})
HANGUL = [character for character in characters() if has_hangul(character)]


def draw_signs(rng: np.random.Generator, ground: paper.Image, count: int, unit: LabelUnit = "word") -> GeneratedImage:
    """Draw up to `count` signs on a photograph, then light, blur and noise over all of it.

    Args:
        rng: source of all choices.
        ground: (H, W, 3), 0 .. 1.
        count: >= 0; signs that would be larger than the image, or meet another one, are left out.
        unit: what has a label: each word, or each line of a sign.

    Returns:
        The image; words that the border cuts are clipped and ignored, those beyond it have no label.
    """
    height, width = ground.shape[:2]
    image, taken = ground, np.zeros((height, width), np.bool_)
    drawn = GeneratedImage(np.zeros(0, np.uint8), [], [], [])
    for _ in range(count):
        page = _compose(rng)
        warp = _place(rng, page, width, height)
        if warp is None:
            continue
        area = _seen(np.ones((page.height, page.width), np.float32), warp, width, height)
        if taken[area > 0].any():
            continue
        taken |= area > 0
        inked = draw_page(page, np.zeros(len(page.words), np.bool_), rng)
        image = _paint(rng, image, area, _seen(inked.coverage, warp, width, height))
        _add_labels(drawn, label_boxes(page, inked, unit), warp, width, height)
    image = image * paper.lighting(rng, height, width)[..., None]
    return drawn._replace(image=paper.photograph(rng, image, blur=(0.2, 1.4), noise=(0.2, 6.0)))


def random_word(rng: np.random.Generator) -> str:
    """A word of the receipts' vocabulary, a number, or random letters, Latin or Hangul."""
    kind = rng.random()
    if kind < 0.45:
        word = VOCABULARY[int(rng.integers(len(VOCABULARY)))]
        return word.upper() if rng.random() < 0.4 else word
    if kind < 0.6:
        number = int(rng.integers(1, 10000))
        return (f"{number}", f"{number % 100}%", f"{number / 100:.2f}", f"{number % 24}:{number % 60:02}")[number % 4]
    letters, longest = (list(string.ascii_letters), 10) if kind < 0.85 else (HANGUL, 5)
    return "".join(rng.choice(letters, int(rng.integers(2, longest))))


def _compose(rng: np.random.Generator) -> Page:
    """One to three lines of one to three words, half an em from the edges."""
    em = int(np.exp(rng.uniform(*np.log(SIZES))))
    family, bold = FAMILIES[int(rng.integers(len(FAMILIES)))], bool(rng.random() < 0.5)
    space, leading = em * family.space * rng.uniform(0.8, 1.6), em * rng.uniform(1.15, 1.5)
    words, right, baseline = [], 0.0, 0.4 * em
    for _ in range(int(rng.integers(1, 4))):
        x, baseline = 0.5 * em, baseline + leading
        for place in range(int(rng.integers(1, 4))):
            text = random_word(rng)
            font = family.font(text, em, bold=bold)
            words.append(PlacedWord(text, font, x, baseline, continues=place > 0))
            x += font.getlength(text) + space
        right = max(right, x - space)
    return Page(int(right + 0.5 * em), int(baseline + 0.8 * em), em, tuple(words), ())


def _place(rng: np.random.Generator, page: Page, width: int, height: int) -> PaperWarp | None:
    """A view of the sign somewhere in the image; None where it is too large."""
    moved = PERSPECTIVE * page.height / page.width
    warp = random_warp(rng, page.width, page.height, curve=0, slant=SLANT, perspective=moved)
    edge = paper_edge(warp, per_side=1)
    low, size, room = edge.min(axis=0), np.ptp(edge, axis=0), np.array([width, height])
    if (size > room).any():
        return None
    x, y = rng.uniform(-OVERHANG * size, room - (1 - OVERHANG) * size) - low
    return replace(warp, view=np.array([[1, 0, x], [0, 1, y], [0, 0, 1]]) @ warp.view)


def _seen(plane: paper.Plane, warp: PaperWarp, width: int, height: int) -> paper.Plane:
    """A plane of the sign's canvas as it appears in the image, (height, width), 0 around it."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV counts from the centre of the first pixel
    matrix = np.linalg.inv(half) @ warp.view @ half
    return np.asarray(cv2.warpPerspective(plane, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def _paint(rng: np.random.Generator, image: paper.Image, area: paper.Plane, ink: paper.Plane) -> paper.Image:
    """The image with a plate, or none, on `area` and words of a colour that stands out on `ink`."""
    below = image[area > 0].mean(axis=0)
    if rng.random() < PLATES:
        below = rng.random(3).astype(np.float32)
        opacity = (cv2.GaussianBlur(area, (0, 0), 0.8) * np.float32(rng.uniform(0.8, 1)))[..., None]
        image = image * (1 - opacity) + below * opacity
    colour = rng.random(3).astype(np.float32)
    if abs(colour.mean() - below.mean()) < CONTRAST:
        colour = np.full(3, 1.0 if below.mean() < 0.5 else rng.uniform(0, 0.2), np.float32)
    return np.asarray(image * (1 - ink[..., None]) + colour * ink[..., None], np.float32)


def _add_labels(drawn: GeneratedImage, labels: Iterable[LabelBox], warp: PaperWarp, width: int, height: int) -> None:
    """Add a sign's labels to the lists of `drawn`."""
    for label in labels:
        quad = warp.forward(box_polygon(label.box, 4)).astype(np.float32)
        inside = clip_polygon(quad, width, height)
        if inside is not None:
            cut = not np.array_equal(inside, quad)
            drawn.polygons.append(at_least_four(inside))
            drawn.transcriptions.append("###" if cut else label.text)
            drawn.ignore.append(cut)
