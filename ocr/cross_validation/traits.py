"""What the split looks at in an image."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from baseline_code.images.perceptual_hash import Hashes, hash_image
from baseline_code.images.reading import read_image_size
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation
from ocr.cross_validation.text_similarity import Words, words_of
from ocr.geometry.packed import pack_polygons
from ocr.geometry.rectangles import minimum_area_rectangles


class ImageTraits(NamedTuple):
    """One image."""

    words: int  # that count
    word_height: float  # median short side over the image's long side, which the network resizes; 0: no word
    text: Words
    hash: Hashes  # (32,)


def describe_images(images: LabelledImages) -> list[ImageTraits]:
    """Traits of each image, in order; several are read at a time.

    Raises:
        baseline_code.images.reading.ImageReadError: if an image cannot be read.
    """
    with ThreadPoolExecutor() as pool:
        return list(pool.map(describe, images.annotations, images.paths))


def describe(annotation: ImageAnnotation, path: Path) -> ImageTraits:
    """Traits of one image; ignored words count for the text only."""
    heights = minimum_area_rectangles(pack_polygons(annotation.readable)).size.min(axis=1)
    long_side = max(annotation.size or read_image_size(path))
    return ImageTraits(
        words=len(heights),
        word_height=float(np.median(heights)) / long_side if len(heights) else 0.0,
        text=words_of([word.text for word in annotation.words]),
        hash=hash_image(path),
    )
