"""Freezes the backbone of a network for the first epochs, and unfreezes it at once or stage by stage."""

from __future__ import annotations

import logging
from operator import attrgetter
from typing import Protocol, cast

import pytorch_lightning as pl
from pytorch_lightning.strategies import DDPStrategy
from torch import nn

_log = logging.getLogger(__name__)


class Staged(Protocol):
    """A network that can be frozen, such as a classifier of `build_network`."""

    def stages(self) -> list[nn.Module]:
        """Its parts from the stem to the last stage."""
        ...


class BackboneFreezing(pl.Callback):
    """Keeps stages of the backbone as they are: no gradients, and evaluation mode, so that batch statistics stay too.

    In the first `frozen_epochs` epochs all stages are frozen. Then they are unfrozen at once, or one every
    `unfreeze_every` epochs, the deepest first: with `frozen_epochs=2` and `unfreeze_every=3` the last stage learns from
    epoch 2 (counted from 0) on, the one before it from epoch 5 on. What is not a stage, such as a head, always learns.

    What is frozen follows from the epoch alone, so that a resumed training goes on as it would have. The optimiser
    holds the weights of all stages from the start and passes over those without a gradient: they neither move nor
    decay.

    Args:
        frozen_epochs: epochs, >= 0, before anything of the backbone learns; None: it never does.
        unfreeze_every: epochs between two stages, >= 0; 0: all stages at once.
        network: the attribute of the module that holds the `Staged` network, dotted where it is deeper.

    Raises:
        ValueError: if one is negative, or stages are to be unfrozen that never are.
    """

    def __init__(self, frozen_epochs: int | None, unfreeze_every: int = 0, network: str = "network") -> None:
        if unfreeze_every < 0 or (frozen_epochs or 0) < 0:
            raise ValueError(
                f"expected frozen_epochs and unfreeze_every >= 0 epochs, got {frozen_epochs} and {unfreeze_every}"
            )
        if frozen_epochs is None and unfreeze_every:
            raise ValueError(
                "expected unfreeze_every=0 where frozen_epochs=null freezes the backbone for the whole training, "
                f"got {unfreeze_every}"
            )
        self.frozen_epochs = frozen_epochs
        self.unfreeze_every = unfreeze_every
        self.network = network

    def frozen_stages(self, epoch: int, stages: int) -> int:
        """How many of the first stages are frozen in an epoch counted from 0, in [0, stages]."""
        if self.frozen_epochs is None or epoch < self.frozen_epochs:
            return stages
        if self.unfreeze_every == 0:
            return 0
        return max(0, stages - 1 - (epoch - self.frozen_epochs) // self.unfreeze_every)

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Lets every stage learn, so that the optimiser, which is built next, holds all weights.

        Raises:
            ValueError: with a strategy that waits for the gradient of every weight.
            TypeError: if the module has no network with stages there.
        """
        if stage != "fit":
            return
        strategy = trainer.strategy
        if isinstance(strategy, DDPStrategy) and not strategy._ddp_kwargs.get("find_unused_parameters"):
            raise ValueError(
                "expected trainer.strategy=ddp_find_unused_parameters_true with a frozen backbone on several devices, "
                "got one that waits for the gradients of frozen weights"
            )
        for part in self._stages(pl_module):
            part.requires_grad_(True)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Freezes also where a training goes on in the middle of an epoch."""
        self._freeze(pl_module, trainer.current_epoch)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Freezes the first stages, and lets the others learn."""
        self._freeze(pl_module, trainer.current_epoch)

    def _freeze(self, pl_module: pl.LightningModule, epoch: int) -> None:
        stages = self._stages(pl_module)
        frozen = self.frozen_stages(epoch, len(stages))
        before = sum(not _learns(part) for part in stages)
        for number, part in enumerate(stages):
            part.requires_grad_(number >= frozen).train(number >= frozen)
        if frozen != before:
            _log.info("epoch %d: %d of %d stages of the backbone are frozen", epoch, frozen, len(stages))

    def _stages(self, module: pl.LightningModule) -> list[nn.Module]:
        try:
            network = attrgetter(self.network)(module)
        except AttributeError:
            network = None
        if not hasattr(network, "stages"):
            raise TypeError(f"expected {type(module).__name__}.{self.network} to be a network that has stages")
        return cast(Staged, network).stages()


def _learns(part: nn.Module) -> bool:
    return any(parameter.requires_grad for parameter in part.parameters())
