"""An image and its probability map, from which words are read as often as wanted without another forward pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baseline_code.images.decoding import Pixels
from ocr.detection.reading import INPUT_SETTINGS, Reading
from ocr.detection.words import Word, Words


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
            ValueError: if a value is out of its range.
        """
        fixed = [name for name in settings if name in INPUT_SETTINGS]
        if fixed:
            raise TypeError(f"expected settings that read a map, got {fixed[0]}: call the detector with it")
        height, width = self.pixels.shape[:2]
        polygons, scores = self.reading.changed(settings).read(self.probability, width, height)
        words = (Word(polygon, float(score)) for polygon, score in zip(polygons, scores, strict=True))
        return Words(words, width=width, height=height)
