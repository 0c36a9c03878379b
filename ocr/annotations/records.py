"""Which image a sample or map is of; without torch, so that scoring starts at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr.geometry import Matrix, Polygon


@dataclass(frozen=True)
class ImageRecord:
    """One image's identity, frame and labels; polygons in original pixels, empty where there are no labels."""

    filename: str
    width_original: int
    height_original: int
    input_to_original: Matrix
    polygons: tuple[Polygon, ...] = ()
    ignore: tuple[bool, ...] = ()

    @property
    def original_to_input(self) -> Matrix:
        """The matrix from the original frame to that of the network's input or map."""
        return np.linalg.inv(self.input_to_original).astype(np.float64)
