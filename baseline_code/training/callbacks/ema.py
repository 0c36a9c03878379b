"""Exponential moving average of the weights."""

from __future__ import annotations

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging
from pytorch_lightning.utilities.types import STEP_OUTPUT
from torch import Tensor, nn

from baseline_code.training.modules import NamedBatch


class ExponentialMovingAverage(WeightAveraging):
    """Lightning's weight averaging with a decay that warms up: min(decay, (1 + n) / (10 + n)) after n updates.

    Validation and checkpoints use the averaged weights; the trained ones are kept beside them for `resume`. The warm-up
    keeps the random start from lingering in short trainings. Departure from Lightning's: the average is on the
    device of the weights and all of it moves at once, by a decay that the host knows, so that no step waits.

    Args:
        decay: fraction of the average that stays at each step, in [0, 1).

    Raises:
        ValueError: if `decay` is outside [0, 1).
    """

    def __init__(self, decay: float = 0.999) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"expected ema.decay in [0, 1), got {decay}")
        self.decay = decay
        super().__init__()

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Brings the average, made before the weights were moved, to their device."""
        self._average.to(pl_module.device)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: STEP_OUTPUT,
        batch: NamedBatch,
        batch_idx: int,
    ) -> None:
        """Averages after each step of the optimiser."""
        updates = self._latest_update_step
        if trainer.global_step > updates:
            fraction = self.decay_after(updates)
            move_towards(_tensors(self._average.module), _tensors(pl_module), 1 - fraction)
            self._average.n_averaged += 1
            self._latest_update_step = trainer.global_step

    def decay_after(self, updates: int) -> float:
        """Fraction of the average that stays; 0 in the first update, which copies the weights."""
        return min(self.decay, (1 + updates) / (10 + updates)) if updates else 0.0

    @property
    def _average(self) -> torch.optim.swa_utils.AveragedModel:
        if self._average_model is None:
            raise RuntimeError("expected a training to have started before its weights are averaged")
        return self._average_model


@torch.no_grad()
def move_towards(averaged: list[Tensor], current: list[Tensor], fraction: float) -> None:
    """Moves averaged weights towards the current ones, in place.

    Args:
        averaged: on the device of `current`, of the same shapes.
        current: the weights; counters among them (such as batch normalisation's) are copied.
        fraction: of the way, in [0, 1].
    """
    pairs = list(zip(averaged, current, strict=True))
    weights = [pair for pair in pairs if pair[0].is_floating_point()]
    counters = [pair for pair in pairs if not pair[0].is_floating_point()]
    torch._foreach_lerp_([mean for mean, _ in weights], [value for _, value in weights], fraction)
    if counters:
        torch._foreach_copy_([mean for mean, _ in counters], [value for _, value in counters])


def _tensors(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]
