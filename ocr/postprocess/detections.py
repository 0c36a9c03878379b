"""What a detector finds in one image."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.polygons import Polygon


class Detections(NamedTuple):
    """Detected words of one image, best first."""

    polygons: list[Polygon]  # (K, 2) each, K >= 4, px of the original image, clockwise from the top-left
    scores: npt.NDArray[np.float32]  # (M,), in [0, 1], descending
