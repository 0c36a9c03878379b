"""What may be wrong with a batch: files that cannot be read, a loss that is no number."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import STEP_OUTPUT
from torch import Tensor

from baseline_code.training.modules import NamedBatch

log = logging.getLogger(__name__)


class UnreadableImages(pl.Callback):
    """Warns of each file once, and of all of them at the end; those of this process where there are several.

    Attributes:
        counts: how often each file was to be trained on, by its name.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def state_dict(self) -> dict[str, Any]:
        """The counts so far."""
        return {"counts": dict(self.counts)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with the counts of a resumed training."""
        self.counts = Counter(state_dict["counts"])

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: STEP_OUTPUT,
        batch: NamedBatch,
        batch_idx: int,
    ) -> None:
        """Counts the files whose places other images took."""
        for filename, reason in getattr(batch, "unreadable", ()):
            if filename not in self.counts:
                log.warning("%s; another image trains in its place (datasets.unreadable=skip)", reason)
            self.counts[filename] += 1

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Names them."""
        if self.counts:
            listed = ", ".join(f"{name} ({count}x)" for name, count in self.counts.most_common(20))
            log.warning("%d training images could not be read: %s", len(self.counts), listed)


class NonFiniteLossError(RuntimeError):
    """The loss was infinite or NaN; the message names the batch's files."""


class NonFiniteGuard(pl.Callback):
    """Checks the loss of every batch, a few batches at a time, and before anything is validated or saved.

    The losses wait on their device until then, so that no step waits for the host.

    Args:
        every_n_steps: batches between checks, >= 1.
    """

    def __init__(self, every_n_steps: int = 20) -> None:
        self.every_n_steps = every_n_steps
        self._pending: list[tuple[Tensor, tuple[str, ...]]] = []

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Tensor | Mapping[str, Any] | None,
        batch: NamedBatch,
        batch_idx: int,
    ) -> None:
        """Remembers the batch's loss and files."""
        loss = outputs["loss"] if isinstance(outputs, Mapping) else outputs
        if loss is None:
            return
        self._pending.append((loss.detach(), batch.filenames))
        if len(self._pending) >= self.every_n_steps:
            self._check(trainer)

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Checks what is left before the weights are validated."""
        self._check(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Checks what is left before the weights are saved."""
        self._check(trainer)

    def _check(self, trainer: pl.Trainer) -> None:
        pending, self._pending = self._pending, []
        if not pending:
            return
        finite = torch.isfinite(torch.stack([loss for loss, _ in pending])).tolist()
        if all(finite):
            return
        first = finite.index(False)
        best = getattr(trainer.checkpoint_callback, "best_model_path", "") or "none yet"
        loss, filenames = pending[first]
        raise NonFiniteLossError(
            f"expected a finite loss, got {loss.item()} in epoch {trainer.current_epoch} for the batch of "
            f"{', '.join(filenames)}; best checkpoint so far: {best}. Look at these files and at the batch before; "
            "then lower models.optimizer.lr, set trainer.gradient_clip_val, or train with trainer.precision=32-true"
        )
