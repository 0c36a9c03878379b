"""How many labelled words there are to learn from, and to score by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ocr.annotations.words import ImageAnnotation, Size
from ocr.label_maps.shrinking import MIN_SIDE_PX, prepare_polygons
from ocr.transforms.geometric import Letterbox
from ocr.transforms.warping import warp_polygons


class WordCounts(NamedTuple):
    """The words of a training split."""

    words: int
    ignored: int  # illegible, on one line, or of several lobes
    small: int  # under 3 px in the network's input, or without the centre of a pixel

    @property
    def trained(self) -> int:
        """Words that train."""
        return self.words - self.ignored - self.small

    def __str__(self) -> str:
        left_out = [f"{self.ignored:,} ignored"] if self.ignored else []
        left_out += [f"{self.small:,} under {MIN_SIDE_PX:g} px"] if self.small else []
        reasons = f": {', '.join(left_out)}" if left_out else ""
        return f"{self.trained:,} of {self.words:,} words train{reasons}"


def count_words(
    labels: Iterable[tuple[ImageAnnotation, Size]], letterbox: Letterbox, *, shrink_ratio: float
) -> WordCounts:
    """Counts the words that train where images are seen whole.

    Args:
        labels: each image's annotation and its (width, height), px.
        letterbox: how the network sees an image.
        shrink_ratio: of the training maps.
    """
    words = ignored = small = 0
    for annotation, size in labels:
        warped = warp_polygons(annotation.polygons, annotation.ignore, letterbox(*size))
        shrunk = prepare_polygons(warped.polygons, warped.ignore, shrink_ratio=shrink_ratio)
        trained = int(np.count_nonzero(shrunk.distances))
        words += len(annotation.words)
        ignored += sum(annotation.ignore)
        small += len(annotation.readable) - trained
    return WordCounts(words, ignored, small)


def check_scorable(annotations: Iterable[ImageAnnotation], split: str) -> None:
    """Refuses labels that no prediction can be scored by: every score would be 0.

    Args:
        annotations: labels.
        split: what the message calls them, such as the split's name.

    Raises:
        ValueError: if no word of them is readable.
    """
    images = list(annotations)
    if not any(annotation.readable for annotation in images):
        words = sum(len(annotation.words) for annotation in images)
        found = f"all {words} words are ignored ones" if words else "they hold no word at all"
        raise ValueError(
            f"nothing to score in {split}: no readable word in its {len(images)} images, {found}; label some, or name "
            "another split"
        )
