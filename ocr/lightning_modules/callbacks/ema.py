"""Exponential moving average of the weights."""

from __future__ import annotations

import torch
from pytorch_lightning.callbacks import WeightAveraging
from torch import Tensor


class ExponentialMovingAverage(WeightAveraging):
    """Lightning's weight averaging with a decay that warms up: min(decay, (1 + n) / (10 + n)) after n updates.

    Validation and checkpoints use the averaged weights; the trained ones are kept beside them for `resume`. The warm-up
    keeps the random start from lingering in short trainings.

    Args:
        decay: share of the average that stays at each step, in [0, 1).

    Raises:
        ValueError: if `decay` is outside [0, 1).
    """

    def __init__(self, decay: float = 0.999) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"expected ema.decay in [0, 1), got {decay}")
        self.decay = decay
        super().__init__(avg_fn=self.average)

    def average(self, averaged: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        """One step of one weight; counters (such as batch normalisation's) are copied."""
        if not averaged.is_floating_point():
            return current
        count = torch.as_tensor(updates, device=averaged.device)
        decay = torch.clamp((1 + count) / (10 + count), max=self.decay)
        return torch.lerp(current, averaged, decay.to(averaged.dtype))
