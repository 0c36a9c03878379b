"""Views in the frame that they are fused in, read band by band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry import Matrix
from ocr.probability_maps.resampling import Levels, Taps, Weights, resample, resample_affine

Values = npt.NDArray[np.uint16] | npt.NDArray[np.float64]


class Region(NamedTuple):
    """Rows and columns of the frame that a view covers, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int


class Sampled(NamedTuple):
    """Values of a view at the pixels of a region, 65535 = 1, and what each counts; None: 1."""

    values: Values
    weights: npt.NDArray[np.generic] | None


@dataclass(frozen=True)
class GridView:
    """A view whose pixels are pixels of the frame, if mirrored ones: nothing is resampled."""

    levels: Levels  # of the region, in its order
    window: Weights | None  # likewise
    region: Region

    def sample(self, top: int, bottom: int) -> Sampled:
        """Rows `top` to `bottom` of the frame, both within the region."""
        rows = slice(top - self.region.top, bottom - self.region.top)
        return Sampled(self.levels[rows], None if self.window is None else self.window[rows])


@dataclass(frozen=True)
class ScaledView:
    """A view whose axes are those of the frame."""

    levels: Levels
    rows: Taps
    columns: Taps
    region: Region

    def sample(self, top: int, bottom: int) -> Sampled:
        """Rows `top` to `bottom` of the frame, both within the region."""
        band = slice(top - self.region.top, bottom - self.region.top)
        rows = Taps(self.rows.near[band], self.rows.far[band], self.rows.fraction[band])
        return Sampled(resample(self.levels, rows, self.columns), None)


@dataclass(frozen=True)
class AffineView:
    """Any other view, with a weight per pixel: 0 outside the image."""

    levels: Levels
    mask: Weights
    whole: npt.NDArray[np.bool_]  # where the mask is 1 all around
    frame_to_view: Matrix  # (2, 3), pixel indices
    region: Region

    def sample(self, top: int, bottom: int) -> Sampled:
        """Rows `top` to `bottom` of the frame, both within the region."""
        matrix = self.frame_to_view.copy()
        matrix[:, 2] += matrix[:, :2] @ (self.region.left, top)
        width = self.region.right - self.region.left
        return Sampled(*resample_affine(self.levels, self.mask, self.whole, matrix, bottom - top, width))


PlacedView = GridView | ScaledView | AffineView
