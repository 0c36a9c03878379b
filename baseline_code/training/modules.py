"""What both LightningModules have in common: clipping, the log of a training step, what checkpoints keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytorch_lightning as pl
import torch
import torch.distributed
from torch import Tensor


class NamedBatch(Protocol):
    """A batch that knows which files its images come from."""

    @property
    def filenames(self) -> tuple[str, ...]:
        """One per image."""


class TrainingModule(pl.LightningModule):
    """Clips gradients, and keeps settings and random state in checkpoints.

    It clips the norm itself: Lightning's own clipping refuses fused optimisers also where nothing is scaled.

    Args:
        config: the settings to keep in checkpoints, plain containers only.

    Attributes:
        grad_norm: scalar, of the last step that was clipped, before it was.
    """

    grad_norm: Tensor

    def __init__(self, config: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.config = dict(config or {})

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips where `trainer.gradient_clip_val` says so."""
        if gradient_clip_val:
            self.grad_norm = torch.nn.utils.clip_grad_norm_(self.parameters(), gradient_clip_val)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds settings and the state of torch's generators; samples need none: theirs is (seed, epoch, index)."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        checkpoint["config"] = self.config
        checkpoint["random_state"] = {"cpu": torch.get_rng_state(), "cuda": cuda}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restores the generators that the checkpoint has; CUDA's only where there are as many devices as then."""
        state = checkpoint.get("random_state")
        if state is None:
            return
        torch.set_rng_state(state["cpu"])
        if len(state["cuda"]) == torch.cuda.device_count() > 0:
            torch.cuda.set_rng_state_all(state["cuda"])


def log_training_value(module: pl.LightningModule, name: str, value: Tensor, batch_size: int) -> None:
    """Logs `<name>_step` and `<name>_epoch`; `<name>` is the latter for callbacks.

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
