"""A detector that takes dark for text: no network, no torch, results that can be worked out by hand."""

import numpy as np

from ocr.detection import Detector
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading


class DarkEngine:
    """The probability of text is the darkness of a pixel."""

    name, device = "dark", "cpu"

    def __call__(self, images):
        return 1 - images.mean(axis=3, dtype=np.float32) / 255


def dark_detector(**settings):
    """Reads regions as they are (shrink_ratio 1); images of 64 px are not resized."""
    reading = {"img_size": 64, "padding": "multiple", "shrink_ratio": 1.0, **settings}
    return Detector(DarkEngine(), Metadata(Reading.of(reading)))


def page(*words, size=(64, 64)):
    """A white page (width, height) with dark words, (left, top, right, bottom, grey level) each."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    for left, top, right, bottom, level in words:
        pixels[top:bottom, left:right] = level
    return pixels
