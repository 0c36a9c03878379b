"""Probabilities of 16 bits to logits and back."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled
from ocr.probability_maps.resampling import Floats, Levels

FULL = 65535.0
TIE = 1e-6
"""Levels: sums of logits are off by less."""


@cache
def logit_table(step: int) -> Floats:
    """ln(p / (1 - p)) of all 65536 levels, of a map whose own levels lie `step` apart.

    Levels 0 and 65535 stand for a probability within half a step of 0 and 1: they are taken to be half a step away.

    Args:
        step: 1 for maps of 16 bits, 257 for those of 8 bits.
    """
    levels = np.arange(FULL + 1).clip(step / 2, FULL - step / 2)
    table: Floats = np.log(levels / (FULL - levels))
    table.setflags(write=False)
    return table


@compiled
def to_logits(values: npt.NDArray[np.generic], table: Floats) -> Floats:
    """Logits of levels, rounded to whole ones first.

    Args:
        values: (H, W), in [0, 65535], of any number type.
        table: see `logit_table`.

    Returns:
        (H, W).
    """
    logits = np.empty(values.shape)
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            logits[y, x] = table[int(values[y, x] + 0.5)]
    return logits


@compiled
def mean_of_logits(total: Floats, fraction: Floats, levels: Levels) -> None:
    """Write the levels of the mean logits, total / fraction, into `levels`; 0 where nothing has a fraction.

    What lies halfway goes to the nearer end: 0 and 65535 come back as themselves.
    """
    for y in range(levels.shape[0]):
        for x in range(levels.shape[1]):
            weight, level = fraction[y, x], np.uint16(0)
            if weight > 0.0:
                logit = total[y, x] / weight
                lesser = np.ceil(65535.0 / (1.0 + np.exp(abs(logit))) - 0.5 - 1e-6)
                level = np.uint16(lesser if logit < 0.0 else 65535.0 - lesser)
            levels[y, x] = level
