"""The words of one image: what a detector gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

from PIL import Image

from ocr.detection.inputs import AnyImage, read_pixels
from ocr.geometry import Polygon
from ocr.visualization.overlays import draw_polygons


class Word(NamedTuple):
    """One word."""

    polygon: Polygon  # (K, 2) float32, K >= 4, as (x, y), clockwise from the top-left
    score: float  # in [0, 1]


class Words(list[Word]):
    """The words of one image in their order; an empty list where there are none.

    Args:
        words: in the unit of `width` and `height`.
        width: of the image: in pixels, or 1 or 100 in relative or percent coordinates.
        height: likewise.
    """

    def __init__(self, words: Iterable[Word] = (), width: float = 0, height: float = 0) -> None:
        super().__init__(words)
        self.width = width
        self.height = height

    def relative(self) -> Self:
        """The same words in [0, 1] of the image's width and height."""
        return self.resized(1, 1)

    def percent(self) -> Self:
        """The same words in [0, 100] of the image's width and height, as Label Studio takes them."""
        return self.resized(100, 100)

    def resized(self, width: float, height: float) -> Self:
        """The same words on an image of another size."""
        factors = (width / self.width, height / self.height) if self else (1.0, 1.0)
        words = (Word((word.polygon * factors).astype("float32"), word.score) for word in self)
        return type(self)(words, width, height)

    def draw(self, image: AnyImage) -> Image.Image:
        """The image with the words' polygons drawn on it, from orange (score 0.5 and less) to green (1).

        Args:
            image: as the detector takes it, of any size: the words are drawn where they belong.
        """
        pixels = read_pixels(image)
        height, width = pixels.shape[:2]
        words = self.resized(width, height)
        return Image.fromarray(draw_polygons(pixels, [word.polygon for word in words], [word.score for word in words]))
