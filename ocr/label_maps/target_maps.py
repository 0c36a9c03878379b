"""The training maps of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ocr.label_maps.painting import BACKGROUND, THRESHOLD_MAX, THRESHOLD_MIN, DBTargets


class TargetMaps(NamedTuple):
    """Training maps, (N, 1, H, W) each: uint8 on the way, as in `DBTargets`, then floats in [0, 1]."""

    probability: Tensor
    probability_mask: Tensor
    threshold: Tensor
    threshold_mask: Tensor

    def as_floats(self) -> TargetMaps:
        """The 8-bit maps as float32 in [0, 1], on their device."""
        return TargetMaps(
            self.probability.float().div_(255.0),  # by division 255 becomes exactly 1
            self.probability_mask.float(),
            threshold_labels(self.threshold, 255.0),
            self.threshold_mask.float(),
        )

    def moved(self, move: Callable[[Tensor], Tensor]) -> TargetMaps:
        """The maps after `move`, which takes a tensor to other memory."""
        return TargetMaps(*map(move, self))


def threshold_labels(closeness: Tensor, most: float) -> Tensor:
    """Threshold labels, float32, of pixels from 0 at the shrink distance or beyond to `most` on a polygon."""
    return (closeness * ((THRESHOLD_MAX - THRESHOLD_MIN) / most)).add_(THRESHOLD_MIN)


def stack_maps(maps: Sequence[DBTargets], height: int, width: int) -> TargetMaps:
    """Join the maps of N >= 1 images, each padded with background at the bottom and right to (height, width), px."""
    stacked = []
    for background, values in zip(BACKGROUND, zip(*maps, strict=True), strict=True):
        canvas = np.empty((len(values), 1, height, width), dtype=np.uint8)
        for padded, one in zip(canvas, values, strict=True):
            rows, columns = one.shape[1:]
            padded[:, :rows, :columns] = one
            padded[:, rows:] = background
            padded[:, :rows, columns:] = background
        stacked.append(torch.from_numpy(canvas))
    return TargetMaps(*stacked)
