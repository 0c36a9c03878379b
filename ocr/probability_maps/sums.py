"""Weighted sums and means of values, pixel by pixel, that do not depend on their order."""

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import exact
from ocr.probability_maps.resampling import Floats, Levels


@exact
def add_values(total: Floats, top: int, left: int, values: npt.NDArray[np.generic], unit: float) -> None:
    """Add values * unit, rounded to whole numbers: their sums are exact, whatever their order.

    Args:
        total: (H, W), changed; whole numbers below 2^53.
        top: row of the first value in it.
        left: column of the first value in it.
        values: (h, w), of any number type.
        unit: what a value of 1 counts, a whole number.
    """
    for y in range(values.shape[0]):
        sums = total[top + y, left : left + values.shape[1]]
        for x in range(values.shape[1]):
            sums[x] += np.floor(values[y, x] * unit + 0.5)


@exact
def add_weighted_values(
    total: Floats,
    fraction: Floats,
    top: int,
    left: int,
    values: npt.NDArray[np.generic],
    weights: npt.NDArray[np.generic],
    unit: float,
) -> None:
    """Add weights * unit, rounded to integers, to `fraction`, and values times these to `total`, as `add_values`."""
    for y in range(values.shape[0]):
        sums = total[top + y, left : left + values.shape[1]]
        fractions = fraction[top + y, left : left + values.shape[1]]
        for x in range(values.shape[1]):
            weight = np.floor(weights[y, x] * unit + 0.5)
            sums[x] += np.floor(values[y, x] * weight + 0.5)
            fractions[x] += weight


@exact
def mean_levels(total: Floats, fraction: Floats, levels: Levels) -> None:
    """Write total / fraction, rounded, into `levels`; 0 where nothing has a fraction."""
    for y in range(levels.shape[0]):
        for x in range(levels.shape[1]):
            weight = fraction[y, x]
            levels[y, x] = np.uint16(total[y, x] / weight + 0.5) if weight > 0.0 else np.uint16(0)
