"""The training maps of a batch: bytes on the way to the device, floats in the loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ocr.label_maps.painting import BACKGROUND, THRESHOLD_MAX, THRESHOLD_MIN, DBTargets


class TargetMaps(NamedTuple):
    """What the loss learns from. Each map is (N, 1, H, W), float32, in [0, 1]."""

    probability: Tensor  # 1 inside the shrunk polygons
    probability_mask: Tensor  # 1 where the probability loss counts
    threshold: Tensor  # from THRESHOLD_MIN on the background to THRESHOLD_MAX on a polygon
    threshold_mask: Tensor  # 1 where the threshold loss counts


class ByteMaps(NamedTuple):
    """The `DBTargets` of N images as tensors. Each map is (N, 1, H, W), uint8: a quarter of the floats to copy."""

    probability: Tensor
    probability_mask: Tensor
    threshold: Tensor
    threshold_mask: Tensor

    def as_floats(self) -> TargetMaps:
        """The maps that the loss takes, on the same device."""
        return TargetMaps(
            self.probability.float().div_(255.0),  # by division 255 becomes exactly 1
            self.probability_mask.float(),
            (self.threshold * ((THRESHOLD_MAX - THRESHOLD_MIN) / 255.0)).add_(THRESHOLD_MIN),
            self.threshold_mask.float(),
        )

    def moved(self, move: Callable[[Tensor], Tensor]) -> ByteMaps:
        """The maps after `move`, which takes a tensor to other memory."""
        return ByteMaps(*map(move, self))


def stack_maps(maps: Sequence[DBTargets], height: int, width: int) -> ByteMaps:
    """Joins the maps of N >= 1 images, each padded with background at the bottom and right to (height, width), px."""
    stacked = []
    for background, values in zip(BACKGROUND, zip(*maps, strict=True), strict=True):
        canvas = np.empty((len(values), 1, height, width), dtype=np.uint8)
        for padded, one in zip(canvas, values, strict=True):
            rows, columns = one.shape[1:]
            padded[:, :rows, :columns] = one
            padded[:, rows:] = background
            padded[:, :rows, columns:] = background
        stacked.append(torch.from_numpy(canvas))
    return ByteMaps(*stacked)
