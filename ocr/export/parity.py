"""Whether an exported file says what the network said: maps first, then words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from baseline_code.images.decoding import Pixels
from ocr.detection.reading import Network, Reading
from ocr.metrics import Evaluator
from ocr.postprocess import Detections
from ocr.transforms.geometric import STRIDE, next_multiple

MOST_DIFFERENCE = 1e-4
"""Of two maps in single precision on a CPU."""
LEAST_HMEAN = 0.999
"""CLEval H of a file's words, with the network's words for ground truth."""
LEAST_HALF_HMEAN = 0.99
"""The same where the weights are rounded to half precision."""
LEAST_FIXED_HMEAN = 0.9
"""CLEval H of the network's words at a file's fixed size, with those at its own size for ground truth: below it a
program with that file finds other words than the detector."""


class Parity(NamedTuple):
    """How far a file is from the network."""

    difference: float  # the largest of two maps
    hmean: float  # CLEval H of its words, with the network's words for ground truth
    words: int  # of the network, on all pages
    fixed_hmean: float | None = None  # H of its words at the file's fixed size against those at its own, if any

    def fails(self, least_hmean: float = LEAST_HMEAN) -> bool:
        """Whether it is too far; H may be short by one word, which the last bit of a map may decide."""
        least = min(least_hmean, 1 - 1 / max(1, self.words))
        return not (self.difference <= MOST_DIFFERENCE and self.hmean >= least)


class ParityCheck:
    """What a network says of some pages: exported files are held against it.

    Args:
        network: the reference.
        reading: how its maps are read.
        pages: at least one.
    """

    def __init__(self, network: Network, reading: Reading, pages: Sequence[Pixels]) -> None:
        self.network = network
        self.reading = reading
        self.pages = pages
        self._words: dict[int | None, list[Detections]] = {}  # by the side of a square input; None: as it is read

    def compare(self, exported: Network, *, side: int | None = None, batch: int = 2) -> Parity:
        """How far an exported file is from the network.

        Args:
            exported: the file.
            side: height and width of its input where they are fixed, px.
            batch: pages at a time.
        """
        square = {"img_size": side, "resize": "long_side", "padding": "square"}
        reading = self.reading if side is None else self.reading.changed(square)
        expected = self._find(side, reading)
        hmean = _hmean(expected, [reading.find(page, exported) for page in self.pages])
        count = sum(len(page.polygons) for page in expected)
        own = [] if side is None else self._find(None, self.reading)
        fixed_hmean = _hmean(own, expected) if any(page.polygons for page in own) else None
        return Parity(self.difference(exported, self.network, side, batch), hmean, count, fixed_hmean)

    def _find(self, side: int | None, reading: Reading) -> list[Detections]:
        """The network's words, kept by the side of the input."""
        if side not in self._words:
            self._words[side] = [reading.find(page, self.network) for page in self.pages]
        return self._words[side]

    def difference(self, one: Network, other: Network, side: int | None = None, batch: int = 2) -> float:
        """The largest difference of two networks' maps on the pages: at three sizes, or at the one that is possible."""
        differences = []
        for index, size in enumerate(self._sizes() if side is None else [(side, side)]):
            pages = [self.pages[(index + offset) % len(self.pages)] for offset in range(batch)]
            images = np.stack([cv2.resize(page, size, interpolation=cv2.INTER_AREA) for page in pages]).astype(np.uint8)
            differences.append(float(np.abs(one(images) - other(images)).max()))
        return max(differences)

    def _sizes(self) -> list[tuple[int, int]]:
        """Widths and heights that are not square, of about the size of the detector's input and of half of it."""
        long = self.reading.letterbox.img_size
        half = next_multiple(long // 2)
        return [(half, long), (half + STRIDE, half), (long + STRIDE, half + STRIDE)]


def _hmean(expected: Sequence[Detections], found: Sequence[Detections]) -> float:
    """CLEval H of words, page by page; pages without any on either side do not count."""
    evaluator = Evaluator()
    for number, (truth, words) in enumerate(zip(expected, found, strict=True)):
        if truth.polygons or words.polygons:
            evaluator.update(str(number), truth.polygons, [False] * len(truth.polygons), words.polygons, words.scores)
    return evaluator.compute().cleval.hmean
