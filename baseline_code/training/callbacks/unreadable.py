"""Counts and names the training images that could not be read."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.utilities.types import STEP_OUTPUT

from baseline_code.training.batches import NamedBatch

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
