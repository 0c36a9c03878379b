"""Probability maps in 8 and 16 bits."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from ocr.postprocess.regions import ProbabilityMap, full_scale


def to_16_bit(probability: ProbabilityMap) -> npt.NDArray[np.uint16]:
    """(H, W) with 65535 for 1: the nearest level, 8 bits exactly; 16 bits come back as they are (no copy).

    Args:
        probability: see `ProbabilityMap`; floats outside [0, 1] count as the nearer end, NaN as 0.

    Raises:
        ValueError: if the map is not (H, W) or of another type.
    """
    scale = full_scale(probability)
    if scale == 65535:
        return cast("npt.NDArray[np.uint16]", probability)
    if scale == 255:
        return probability.astype(np.uint16) * np.uint16(257)
    return _round_floats(probability, 65535).astype(np.uint16)


def to_8_bit(probability: ProbabilityMap) -> npt.NDArray[np.uint8]:
    """(H, W) with 255 for 1: the nearest level; 8 bits come back as they are (no copy).

    Args:
        probability: see `ProbabilityMap`; floats outside [0, 1] count as the nearer end, NaN as 0.

    Raises:
        ValueError: if the map is not (H, W) or of another type.
    """
    scale = full_scale(probability)
    if scale == 255:
        return cast("npt.NDArray[np.uint8]", probability)
    if scale == 65535:
        return ((probability.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 257 is odd: no level lies halfway
    return _round_floats(probability, 255).astype(np.uint8)


def _round_floats(probability: ProbabilityMap, scale: int) -> npt.NDArray[np.float64]:
    """Floats in [0, 1] to whole numbers up to `scale`."""
    levels: npt.NDArray[np.float64] = np.rint(np.nan_to_num(probability).astype(np.float64).clip(0.0, 1.0) * scale)
    return levels
