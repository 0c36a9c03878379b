"""Several parts as one."""

from __future__ import annotations

from itertools import chain

import numpy as np

from baseline_code.datasets.source import LabelledImages, Labels
from baseline_code.images.reading import Pixels


class JoinedImages:
    """The images of several parts, one part behind the other; pixels stay where they are.

    Args:
        parts: one or more, with the same classes.
    """

    def __init__(self, *parts: LabelledImages) -> None:
        self.parts = parts
        self.classes = parts[0].classes
        self.labels: Labels = np.concatenate([part.labels for part in parts])
        self.names = tuple(chain.from_iterable(part.names for part in parts))
        self._starts = np.cumsum([0, *map(len, parts[:-1])])

    def __len__(self) -> int:
        """Number of images of all parts."""
        return len(self.labels)

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB of an image of one of the parts."""
        part = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self.parts[part].read(index - int(self._starts[part]))
