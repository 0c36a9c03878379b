"""The words of one image, and the map that they are read from as often as wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from baseline_code.images.decoding import Pixels
from ocr.detection.colours import Order, check_order
from ocr.detection.inputs import AnyImage, read_pixels
from ocr.detection.reading import INPUT_SETTINGS, Reading
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

    def draw(self, image: AnyImage, *, channels: Order = "rgb") -> Image.Image:
        """The image with the words' polygons drawn on it, from orange (score 0.5 and less) to green (1).

        Args:
            image: as the detector takes it, of any size: the words are drawn where they belong.
            channels: the order of an array's colours; what is drawn on is RGB in any case.

        Raises:
            TypeError, ValueError: if the image is of another type or cannot be read, or `channels` is unknown.
        """
        check_order(channels)
        pixels = read_pixels(image, channels=channels)
        height, width = pixels.shape[:2]
        words = self.resized(width, height)
        return Image.fromarray(draw_polygons(pixels, [word.polygon for word in words], [word.score for word in words]))


@dataclass(frozen=True)
class PredictedMap:
    """What a network saw in one image.

    Args:
        pixels: (H, W, 3) uint8 RGB, the image as displayed.
        probability: (h, w) uint16, 65535 = 1; its corners are the image's.
        reading: how it is read where a call says nothing else.
    """

    pixels: Pixels
    probability: npt.NDArray[np.uint16]
    reading: Reading

    def words(self, **settings: object) -> Words:
        """Reads the map.

        Args:
            **settings: for this call only, such as `thresh`, `box_thresh` or `unclip_ratio`: all of
                `ocr.detection.reading.SETTINGS` but those of the network's input.

        Returns:
            The words in pixels of the image, best first.

        Raises:
            TypeError: if a setting is unknown, or belongs to the network's input (`img_size`).
            ValueError: if a value is out of its range, or one that differs from the detector's does nothing here.
        """
        fixed = [name for name in settings if name in INPUT_SETTINGS]
        if fixed:
            raise TypeError(f"expected settings that read a map, got {fixed[0]}: call the detector with it")
        height, width = self.pixels.shape[:2]
        polygons, scores = self.reading.asked(settings).read(self.probability, width, height)
        words = (Word(polygon, float(score)) for polygon, score in zip(polygons, scores, strict=True))
        return Words(words, width=width, height=height)
