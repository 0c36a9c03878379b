"""Whether a detector finds a word that was drawn, in an engine that is installed here."""

from __future__ import annotations

import time
from typing import NamedTuple

import cv2
import numpy as np

from baseline_code.images.decoding import Pixels
from ocr.detection.detector import Detector
from ocr.detection.words import Words

WORD = "TOTAL"
PAGE = (480, 640)  # height and width, px
_BASELINE = (220, 250)  # x and y of the word's lower left corner
_FONT, _SCALE, _THICKNESS = cv2.FONT_HERSHEY_DUPLEX, 1.6, 3
LEAST_OVERLAP = 0.5


class SelfTest(NamedTuple):
    """What a detector made of the page."""

    engine: str
    device: str
    words: int  # found; one is drawn
    overlap: float  # intersection over union of the upright boxes of the drawn word and of the best one found
    seconds: float  # of the second call: the first one prepares

    @property
    def passed(self) -> bool:
        """Whether it found the word, and no other one."""
        return self.words == 1 and self.overlap >= LEAST_OVERLAP


def run_self_test(engine: str) -> SelfTest:
    """Loads the shipped detector and gives it a page with one word.

    Args:
        engine: of `ocr.detection.loading.ENGINES`.

    Raises:
        ocr.detection.metadata.DetectorError: if the engine is not installed.
        ocr.starts.StartError: if the shipped detector is missing.
    """
    page, box = draw_page()
    detector = Detector.load(engine=engine)  # type: ignore[arg-type]
    detector(page)
    start = time.perf_counter()
    (words,) = detector(page)
    seconds = time.perf_counter() - start
    return SelfTest(detector.engine.name, detector.engine.device, len(words), _overlap(words, box), seconds)


def draw_page() -> tuple[Pixels, tuple[int, int, int, int]]:
    """A white page with one black word, (H, W, 3) uint8 RGB, and the word's box: left, top, right, bottom, px."""
    page: Pixels = np.full((*PAGE, 3), 255, np.uint8)
    cv2.putText(page, WORD, _BASELINE, _FONT, _SCALE, (0, 0, 0), _THICKNESS, cv2.LINE_AA)
    rows, columns = np.nonzero(page[:, :, 0] < 128)
    return page, (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def _overlap(words: Words, box: tuple[int, int, int, int]) -> float:
    if not words:
        return 0.0
    left, top = words[0].polygon.min(axis=0)
    right, bottom = words[0].polygon.max(axis=0)
    common = max(0.0, min(right, box[2]) - max(left, box[0])) * max(0.0, min(bottom, box[3]) - max(top, box[1]))
    union = (right - left) * (bottom - top) + (box[2] - box[0]) * (box[3] - box[1]) - common
    return float(common / union)
