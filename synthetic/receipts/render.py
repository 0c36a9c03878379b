"""One receipt as an image with exact word polygons, from (seed, index) alone."""

from dataclasses import replace
from typing import Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.receipts import paper
from synthetic.receipts.content import ReceiptWriter
from synthetic.receipts.fonts import FAMILIES
from synthetic.receipts.ink import InkedPage, draw_page
from synthetic.receipts.layout import Page, arrange
from synthetic.receipts.vocabulary import Language
from synthetic.receipts.warp import PaperWarp, Points, box_polygon, paper_edge, random_warp

EM = 48  # canvas pixels; the image shows about half of it
WORD_MARGIN = 0.04  # em between a word's ink and its polygon
WIDTHS, HEIGHTS = (500, 640), (800, 1280)

LabelUnit = Literal["word", "phrase"]
"""What has a label: each word, or words together that a space parts (an address, a name; not two columns of a line)."""


class GeneratedImage(NamedTuple):
    """An image and its labels; the lists have one entry per word (or phrase), on a receipt in reading order.

    `image` is (H, W, 3) uint8 RGB. Each of `polygons` is (K, 2) float32 x, y in pixels of the image, clockwise from the
    word's top-left. `ignore` marks words that cannot be read, smudged or cut by the border: they are "###".
    """

    image: npt.NDArray[np.uint8]
    polygons: list[npt.NDArray[np.float32]]
    transcriptions: list[str]
    ignore: list[bool]


def generate_receipt(
    seed: int,
    index: int,
    *,
    width: int | None = None,
    height: int | None = None,
    regions: int | None = None,
    points: int | None = None,
    curve: float = 0.0,
    language: Language | None = None,
    slant: float = 4.0,
    perspective: float = 0.02,
    illegible: float = 0.01,
    ground: paper.Image | None = None,
    unit: LabelUnit = "word",
) -> GeneratedImage:
    """Draw receipt number `index` of the series `seed`; equal arguments give equal pixels.

    Args:
        seed: of the series, >= 0.
        index: of the receipt, >= 0; a receipt does not depend on the others.
        width: of the image, px; None for 500 to 640.
        height: of the image, px; None for what the receipt needs, 800 to 1280.
        regions: number of words, exactly; None for about 40 to 90.
        points: points per polygon, even, >= 4; None for 4 on flat paper and 14 on bent paper.
        curve: bend of the paper, 0 flat .. 1 strong.
        language: None for any.
        slant: largest rotation to either side, degrees.
        perspective: largest move of a corner of the paper, as part of its width.
        illegible: part of the words that are smudged.
        ground: what the receipt lies on, (H, W, 3), 0 .. 1, and with it the image's size; None for a drawn table.
        unit: what has a label; the image is the same.

    Raises:
        ValueError: if a number is out of its range.
    """
    if ground is not None:
        height, width = ground.shape[:2]
    _check(width, height, curve, illegible)
    words_rng, view_rng, warp_rng, ink_rng, light_rng = (
        np.random.default_rng([seed, index, stream]) for stream in range(5)
    )
    columns = None if regions is None else 30 + min(18, regions // 8)
    receipt = ReceiptWriter(words_rng, language, columns).write(regions)
    page = arrange(
        receipt,
        FAMILIES[int(view_rng.integers(len(FAMILIES)))],
        em=EM,
        leading=float(view_rng.uniform(1.25, 1.5)),
        bold=bool(view_rng.random() < 0.25),
        padding=float(view_rng.uniform(0.9, 1.8)),
    )
    smudged = ink_rng.random(len(page.words)) < illegible
    inked = draw_page(page, smudged, ink_rng)
    warp = random_warp(warp_rng, page.width, page.height, curve=curve, slant=slant, perspective=perspective)
    warp, image_width, image_height = fit_to_image(warp, warp_rng, width, height)
    image = _paint(inked, warp, image_width, image_height, light_rng, ground)
    points = points if points is not None else (4 if curve == 0 else 14)
    labels = label_boxes(page, inked, unit)
    polygons = [warp.forward(box_polygon(label.box, points)).astype(np.float32) for label in labels]
    ignore = [bool(smudged[label.words].any()) for label in labels]
    texts = ["###" if hidden else label.text for label, hidden in zip(labels, ignore, strict=True)]
    return GeneratedImage(image, polygons, texts, ignore)


def _check(width: int | None, height: int | None, curve: float, illegible: float) -> None:
    for name, value in (("width", width), ("height", height)):
        if value is not None and value < 64:
            raise ValueError(f"expected {name} >= 64 px, got {value}")
    for name, part in (("curve", curve), ("illegible", illegible)):
        if not 0 <= part <= 1:
            raise ValueError(f"expected {name} in [0, 1], got {part}")


def fit_to_image(
    warp: PaperWarp, rng: np.random.Generator, width: int | None, height: int | None
) -> tuple[PaperWarp, int, int]:
    """Scale and move a warp so that all of the paper is in an image, whose size it chooses where it is None.

    Returns:
        The fitted warp, the image's width and its height, px.
    """
    edge = paper_edge(warp)
    low, size = edge.min(axis=0), np.ptp(edge, axis=0)
    cover = float(rng.uniform(0.88, 0.985))
    drawn = int(rng.integers(WIDTHS[0], WIDTHS[1] + 1))
    shifts = rng.uniform(0.3, 0.7, 2)
    width = width if width is not None else drawn
    if height is None:
        height = int(np.clip(round(width * size[1] / size[0]), *HEIGHTS))
    scale = cover * min(width / size[0], height / size[1])
    room = (width, height) - scale * size
    offset = room * shifts - scale * low
    move = np.array([[scale, 0, offset[0]], [0, scale, offset[1]], [0, 0, 1]])
    return replace(warp, view=move @ warp.view), width, height


class LabelBox(NamedTuple):
    """A label on the flat page: its text, its box (left, top, right, bottom) in canvas pixels, and its words."""

    text: str
    box: npt.NDArray[np.float64]
    words: slice


def label_boxes(page: Page, inked: InkedPage, unit: LabelUnit) -> list[LabelBox]:
    """The labels of a page, each a little larger than its ink."""
    margin = np.array([-1, -1, 1, 1]) * WORD_MARGIN * page.em
    starts = [number for number, word in enumerate(page.words) if unit == "word" or not word.continues]
    labels = []
    for words in map(slice, starts, [*starts[1:], len(page.words)]):
        boxes = inked.boxes[words]
        box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)]) + margin
        labels.append(LabelBox(" ".join(word.text for word in page.words[words]), box, words))
    return labels


def _paint(
    inked: InkedPage,
    warp: PaperWarp,
    width: int,
    height: int,
    rng: np.random.Generator,
    ground: paper.Image | None,
) -> npt.NDArray[np.uint8]:
    canvas = _canvas_points(warp, width, height)
    # cv2.remap counts from the centre of the first pixel.
    map_x, map_y = (canvas[..., axis].astype(np.float32) - np.float32(0.5) for axis in (0, 1))
    scale = float(np.sqrt(abs(np.linalg.det(warp.view[:2, :2]))))
    smooth = cv2.GaussianBlur(inked.coverage, (0, 0), max(0.1, 0.35 / scale))
    ink = np.asarray(cv2.remap(smooth, map_x, map_y, cv2.INTER_LINEAR, borderValue=0), np.float32)
    sheet = np.ones((warp.height, warp.width), np.float32)
    mask = np.asarray(cv2.remap(sheet, map_x, map_y, cv2.INTER_LINEAR, borderValue=0), np.float32)
    inks = ((0.08, 0.08, 0.09), (0.16, 0.16, 0.18), (0.13, 0.13, 0.3), (0.22, 0.2, 0.2))
    colour = np.array(inks[int(rng.integers(len(inks)))], np.float32)
    ink = (ink * paper.fading(rng, height, width))[..., None]
    page = paper.sheet(rng, height, width) * (1 - ink) + colour * ink
    page *= paper.creases(rng, (canvas[..., 1] / warp.height).astype(np.float32))[..., None]
    page *= (1 + 0.9 * warp.slope(canvas[..., 0])).astype(np.float32)[..., None]
    ground = paper.table(rng, height, width) if ground is None else ground
    shaded = ground * paper.drop_shadow(rng, mask)[..., None]
    image = shaded * (1 - mask[..., None]) + page * mask[..., None]
    image *= paper.lighting(rng, height, width)[..., None]
    return paper.photograph(rng, image.astype(np.float32), blur=(0.2, 0.8), noise=(0.2, 1.5))


def _canvas_points(warp: PaperWarp, width: int, height: int) -> npt.NDArray[np.float64]:
    """Canvas coordinates (height, width, 2) of the centre of every pixel of the image."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    flat: Points = np.stack([x.ravel(), y.ravel()], axis=1)
    return warp.inverse(flat).reshape(height, width, 2)
