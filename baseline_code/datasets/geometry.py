"""Random shift, rotation, scale and mirroring as one affine warp, so that pixels are interpolated once."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import Pixels

Border = Literal["reflect", "edge", "black"]
_BORDERS = {
    "reflect": cv2.BORDER_REFLECT_101,
    "edge": cv2.BORDER_REPLICATE,
    "black": cv2.BORDER_CONSTANT,
}


class Placement(NamedTuple):
    """How an image moves, about its centre."""

    mirror: bool = False  # left and right change places
    upside_down: bool = False  # top and bottom change places
    degrees: float = 0.0  # rotation, counter-clockwise as displayed
    scale: float = 1.0  # > 1 magnifies
    shift: tuple[float, float] = (0.0, 0.0)  # (x, y) in pixels, last

    def matrix(self, width: int, height: int) -> npt.NDArray[np.float64]:
        """(2, 3) affine matrix that takes old (x, y) to new, in pixels whose centres are at whole numbers."""
        cosine = self.scale * math.cos(math.radians(self.degrees))
        sine = self.scale * math.sin(math.radians(self.degrees))
        flip_x, flip_y = (-1 if self.mirror else 1), (-1 if self.upside_down else 1)
        centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
        a, b, c, d = cosine * flip_x, sine * flip_y, -sine * flip_x, cosine * flip_y
        return np.array(
            [
                [a, b, centre_x - a * centre_x - b * centre_y + self.shift[0]],
                [c, d, centre_y - c * centre_x - d * centre_y + self.shift[1]],
            ]
        )


def place(image: Pixels, placement: Placement, border: Border) -> Pixels:
    """Moves an image within its frame.

    Args:
        image: (H, W, 3) uint8.
        placement: how; whole-pixel shifts and mirroring leave the values as they are.
        border: what comes into view: the image's reflection, its edge repeated, or black.

    Returns:
        (H, W, 3) uint8.
    """
    height, width = image.shape[:2]
    if placement[2:] == (0.0, 1.0, (0.0, 0.0)):
        return _mirrored(image, placement)
    moved = cv2.warpAffine(
        image,
        placement.matrix(width, height),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=_BORDERS[border],
    )
    return np.asarray(moved, dtype=np.uint8)


def _mirrored(image: Pixels, placement: Placement) -> Pixels:
    if placement.mirror and placement.upside_down:
        return np.asarray(cv2.flip(image, -1), dtype=np.uint8)
    if placement.mirror or placement.upside_down:
        return np.asarray(cv2.flip(image, 1 if placement.mirror else 0), dtype=np.uint8)
    return image
