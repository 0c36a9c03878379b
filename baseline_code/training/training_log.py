"""Logging of a training step's values, per step and as the epoch's mean over all processes."""

from __future__ import annotations

import pytorch_lightning as pl
import torch.distributed
from torch import Tensor


def log_training_value(module: pl.LightningModule, name: str, value: Tensor, batch_size: int) -> None:
    """Log `<name>_step` and `<name>_epoch`; `<name>` is the latter for callbacks.

    With several processes the step's value is this process' own, for a mean over all would make every step wait for
    the slowest; the epoch's is the mean over the samples of all processes.

    Args:
        module: whose training step it is.
        name: such as `train_loss`.
        value: scalar, the mean over this process' batch.
        batch_size: of this process.
    """
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        module.log(name, value, on_step=True, on_epoch=True, prog_bar=True, batch_size=batch_size)
        return
    module.log(f"{name}_step", value, on_step=True, on_epoch=False, prog_bar=True, batch_size=batch_size)
    for key, logged in ((f"{name}_epoch", True), (name, False)):
        module.log(key, value, on_step=False, on_epoch=True, sync_dist=True, logger=logged, batch_size=batch_size)
