"""How much a tile's map counts from its sides to its middle."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Fade(NamedTuple):
    """Over how many px, from each side inward, the weight of a map rises to 1: as many as a neighbour sees as well.

    It rises linearly through the pixels' centres, so that two tiles that overlap by n pixels weigh 1 together. A side
    of the image itself does not fade (0): nothing else sees it.
    """

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def window(self, width: int, height: int) -> npt.NDArray[np.float32] | None:
        """(height, width) in (0, 1], px by px; None where no side fades."""
        if not any(self):
            return None
        return np.outer(_ramp(height, self.top, self.bottom), _ramp(width, self.left, self.right))


def _ramp(length: int, rise: int, fall: int) -> npt.NDArray[np.float32]:
    """(length,) weights along one side."""
    centres = np.arange(length, dtype=np.float32) + np.float32(0.5)
    weights = np.ones(length, dtype=np.float32)
    if rise:
        weights *= np.minimum(centres / np.float32(rise), 1)
    if fall:
        weights *= np.minimum(centres[::-1] / np.float32(fall), 1)
    return weights
