"""Count, height, length, angle and unit of the labelled words, and how large a network sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocr.annotations.words import ImageAnnotation, Size
from ocr.geometry.packed import FloatArray, IntArray, pack_polygons
from ocr.geometry.rectangles import minimum_area_rectangles
from ocr.transforms.geometric import Letterbox

SMALL_PX = 8.0
"""Lower words cover less than two pixels at stride 4, on which maps are made."""
SLANTED_DEGREES = 10.0
LEAST_TEXTS = 50
"""Fewer do not say how words are labelled."""
_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False)
class WordShapes:
    """The readable words of N images.

    Attributes:
        words: (N,) readable words of each image.
        ignored: ignored words of all images.
        image_sizes: (N, 2) width and height as displayed, px.
        heights: (M,) shorter side of each word's rectangle of least area, px of the image.
        lengths: (M,) its longer side, px.
        angles: (M,) of the longer side, degrees clockwise from the right, in (-90, 90].
        long_sides: (M,) of the word's image, px.
        texts: readable words whose text is known.
        phrases: those whose text holds a space: a name or a line that is labelled as one word.
    """

    words: IntArray
    ignored: int
    image_sizes: IntArray
    heights: FloatArray
    lengths: FloatArray
    angles: FloatArray
    long_sides: FloatArray
    texts: int
    phrases: int

    @property
    def phrase_fraction(self) -> float | None:
        """Fraction of the texts that hold a space; None where fewer than 50 are known."""
        return self.phrases / self.texts if self.texts >= LEAST_TEXTS else None

    def heights_at(self, letterbox: Letterbox) -> FloatArray:
        """(M,) heights in the input of a network that sees images whole, px."""
        scales = np.array([letterbox.scale(int(width), int(height)) for width, height in self.image_sizes])
        heights: FloatArray = self.heights * np.repeat(scales, self.words)
        return heights

    def small_fraction(self, letterbox: Letterbox) -> float:
        """Fraction of words under 8 px in the network's input; 0 where there is no word."""
        return float(np.mean(self.heights_at(letterbox) < SMALL_PX)) if len(self.heights) else 0.0

    def slanted_fraction(self) -> float:
        """Fraction of words that run neither level nor upright, by more than 10 degrees; 0 where there is no word."""
        upright = np.abs(self.angles)
        return float(np.mean(np.minimum(upright, 90.0 - upright) > SLANTED_DEGREES)) if len(upright) else 0.0

    def heights_by_image(self) -> FloatArray:
        """(N,) median height of each image's words as a fraction of its long side; NaN without a word."""
        ends = np.cumsum(self.words)
        relative = self.heights / self.long_sides
        pieces = np.split(relative, ends[:-1]) if len(ends) else []
        return np.array([np.median(piece) if len(piece) else np.nan for piece in pieces])

    def to_dict(self, letterbox: Letterbox) -> dict[str, Any]:
        """For JSON: counts, and the 5 %, 50 % and 95 % quantiles of what there is."""
        long_over_short = self.lengths / np.maximum(self.heights, 1e-9)
        return {
            "images": len(self.words),
            "words": len(self.heights),
            "ignored": self.ignored,
            "words_per_image": _quantiles(self.words),
            "height_px": _quantiles(self.heights),
            f"height_px_at_{letterbox.img_size}": _quantiles(self.heights_at(letterbox)),
            "length_by_height": _quantiles(long_over_short),
            "angle_degrees": _quantiles(self.angles),
            "image_long_side_px": _quantiles(self.image_sizes.max(axis=1, initial=0)),
            "texts": self.texts,
            "texts_with_a_space": self.phrases,
        }


def measure_words(annotations: Sequence[ImageAnnotation], sizes: Sequence[Size]) -> WordShapes:
    """Measures the readable words of images.

    Args:
        annotations: labels.
        sizes: (width, height) of each image as displayed, px.
    """
    readable = [[word for word in annotation.words if not word.ignore] for annotation in annotations]
    words = np.array([len(some) for some in readable], dtype=np.int64)
    texts = [text for some in readable for word in some if (text := word.text.strip())]
    image_sizes = np.array(sizes, dtype=np.int64).reshape(-1, 2)
    rectangles = minimum_area_rectangles(pack_polygons([word.polygon for some in readable for word in some]))
    along = rectangles.size[:, :1] >= rectangles.size[:, 1:]
    x, y = np.where(along, rectangles.direction, rectangles.direction[:, ::-1] * (-1.0, 1.0)).T  # of the longer side
    angles = np.degrees(np.arctan2(y, x))
    return WordShapes(
        words=words,
        ignored=sum(sum(annotation.ignore) for annotation in annotations),
        image_sizes=image_sizes,
        heights=rectangles.size.min(axis=1),
        lengths=rectangles.size.max(axis=1),
        angles=90.0 - (90.0 - angles) % 180.0,
        long_sides=np.repeat(image_sizes.max(axis=1, initial=0), words).astype(np.float64),
        texts=len(texts),
        phrases=sum(" " in text for text in texts),
    )


def _quantiles(values: FloatArray | IntArray) -> list[float] | None:
    return [round(float(value), 4) for value in np.quantile(values, _QUANTILES)] if len(values) else None
