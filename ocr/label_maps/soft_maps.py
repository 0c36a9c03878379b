"""Training maps out of a teacher's soft map: warped as its image is, without the pixels that it is unsure of."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import scaling
from ocr.label_maps.kernels import erase_inside
from ocr.label_maps.painting import DBTargets
from ocr.transforms.geometric import Transform, warp_corners
from ocr.transforms.warping import resample

Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class IgnoreBand:
    """Between two probabilities a teacher is too unsure to be believed: such pixels do not train the probability map.

    Args:
        low: up to this a pixel counts as background.
        high: from this on a pixel counts as text.

    Raises:
        ValueError: unless 0 <= low <= 0.5 <= high <= 1.
    """

    low: float = 0.1
    high: float = 0.6

    def __post_init__(self) -> None:
        if not 0 <= self.low <= 0.5 <= self.high <= 1:
            raise ValueError(f"expected 0 <= low <= 0.5 <= high <= 1 of an ignore band, got {self.low} and {self.high}")

    def counts(self, probability: Levels) -> Levels:
        """1 where a pixel is certain, its probability at most `low` or at least `high`; any shape, 255 = 1."""
        levels = np.arange(256) / 255
        certain = ((levels <= self.low) | (levels >= self.high)).astype(np.uint8)
        return certain.take(probability)


def warp_map(probability: Levels, transform: Transform, width_original: int, height_original: int) -> Levels:
    """Warps a map that covers its image exactly as the image is warped.

    Args:
        probability: (h, w), 255 = 1.
        transform: the matrix and the input's size.
        width_original: of the image, px.
        height_original: likewise.

    Returns:
        (height_input, width_input), 255 = 1: bilinear, smoothed if the transform shrinks the map; 0 outside the image.
    """
    height, width = probability.shape
    map_to_input = transform.original_to_input @ scaling(width_original / width, height_original / height)
    size = (transform.width_input, transform.height_input)
    warped = resample(probability, map_to_input, *size, border=cv2.BORDER_REPLICATE)
    outside = np.ones_like(warped)
    erase_inside(warp_corners(transform.original_to_input, width_original, height_original), outside)
    warped[outside == 1] = 0
    return warped


def soften_targets(targets: DBTargets, probability: Levels, band: IgnoreBand) -> DBTargets:
    """Training maps of an image that a teacher has labelled.

    The probability map learns the soft map as it is, except in the band. The threshold map learns the polygons of the
    words that the teacher is certain of, as it does a person's, and nothing elsewhere.

    Args:
        targets: as painted from those words.
        probability: (H, W) soft map as `warp_map` gives it, 255 = 1.
        band: which of its pixels count.
    """
    return targets._replace(probability=probability[None], probability_mask=band.counts(probability)[None])
