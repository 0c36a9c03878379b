"""Optimisers and learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

OptimizerName = Literal["adamw", "adam", "sgd"]
ScheduleName = Literal["cosine", "poly", "step", "one_cycle", "constant"]


@dataclass(frozen=True)
class OptimizerFactory:
    """Builds the optimiser; biases and normalisation weights are not decayed.

    Args:
        name: `adamw`, `adam` or `sgd` (with Nesterov momentum, where there is any).
        lr: peak learning rate.
        weight_decay: decoupled for `adamw`, L2 otherwise.
        encoder_lr_factor: the weights of the network's `encoder` learn at so many times the rate; only a network that
            has such a part takes another one than 1.
        momentum: of `sgd`; the first beta of the others.
        fused: one kernel per step; needs every weight on one kind of device.

    Raises:
        ValueError: for another name, or a learning rate or factor that is not positive.
    """

    name: OptimizerName = "adamw"
    lr: float = 0.001
    weight_decay: float = 0.0001
    momentum: float = 0.9
    fused: bool = True
    encoder_lr_factor: float = 1.0

    def __post_init__(self) -> None:
        if self.name not in get_args(OptimizerName):
            raise ValueError(
                f"expected models.optimizer.name to be one of {get_args(OptimizerName)}, got {self.name!r}"
            )
        if self.lr <= 0:
            raise ValueError(f"expected models.optimizer.lr > 0, got {self.lr}")
        if self.encoder_lr_factor <= 0:
            raise ValueError(
                f"expected models.optimizer.encoder_lr_factor > 0, got {self.encoder_lr_factor}; "
                "models.encoder.frozen_epochs=null keeps an encoder as it is"
            )

    def __call__(self, module: nn.Module) -> torch.optim.Optimizer:
        """The optimiser of every weight of the module that wants a gradient; the last group has the rate `lr`.

        Where a training goes on, it takes its moments from the checkpoint, and weight decay and the like from here.
        """
        weights = [parameter for parameter in module.parameters() if parameter.requires_grad]
        groups = [
            group
            for matrices, decay in ((True, self.weight_decay), (False, 0.0))
            for group in self._at_their_rates(module, [one for one in weights if (one.ndim > 1) == matrices], decay)
        ]
        optimizer: torch.optim.Optimizer
        if self.name == "sgd":
            nesterov = self.momentum > 0  # torch refuses the one without the other
            optimizer = torch.optim.SGD(groups, lr=self.lr, momentum=self.momentum, nesterov=nesterov, fused=self.fused)
        else:
            kind = torch.optim.AdamW if self.name == "adamw" else torch.optim.Adam
            optimizer = kind(groups, lr=self.lr, betas=(self.momentum, 0.999), fused=self.fused)
        _keep_settings(optimizer)
        return optimizer

    def _at_their_rates(
        self, module: nn.Module, weights: list[nn.Parameter], weight_decay: float
    ) -> Iterator[dict[str, Any]]:
        """One group, or that of the encoder and that of the rest where their rates differ."""
        parts = [(weights, self.lr)]
        if self.encoder_lr_factor != 1:
            own = set(module.get_submodule("encoder").parameters())
            parts = [
                ([weight for weight in weights if weight in own], self.lr * self.encoder_lr_factor),
                ([weight for weight in weights if weight not in own], self.lr),
            ]
        for params, lr in parts:
            yield {"params": params, "weight_decay": weight_decay, "lr": lr}


def _keep_settings(optimizer: torch.optim.Optimizer) -> None:
    """Lets the optimiser's settings outlive the loading of a state; the rate is the schedule's to say.

    The groups are settings, too: a state has the same weights in the same order, whether or not the encoder has a rate
    of its own.
    """
    settings = [
        {name: value for name, value in group.items() if name not in ("params", "lr", "initial_lr")}
        for group in optimizer.param_groups
    ]

    def put_back(optimizer: torch.optim.Optimizer) -> None:
        for group, own in zip(optimizer.param_groups, settings, strict=True):
            group.update(own)

    def regroup(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> dict[str, Any]:
        ours, theirs = optimizer.state_dict()["param_groups"], state["param_groups"]
        sizes = [sum(len(group["params"]) for group in groups) for groups in (ours, theirs)]
        return {**state, "param_groups": ours} if sizes[0] == sizes[1] else state

    optimizer.register_load_state_dict_pre_hook(regroup)
    optimizer.register_load_state_dict_post_hook(put_back)


@dataclass(frozen=True)
class ScheduleFactory:
    """Learning rate as a fraction of its peak, per optimiser step.

    A linear warm-up comes first in all of them. Past the last step the rate stays where it ended: none
    ever rises again.

    Args:
        name: `cosine`, `poly`, `step`, `one_cycle` or `constant`.
        warmup: fraction of all steps in which the rate rises linearly, in [0, 1). `one_cycle` rises by a cosine
            instead.
        final: fraction of the peak that `cosine`, `poly` and `one_cycle` end at.
        power: of `poly`.
        milestones: fractions of all steps after which `step` multiplies the rate by `gamma`.
        gamma: see `milestones`.

    Raises:
        ValueError: for another name or values outside their limits.
    """

    name: ScheduleName = "cosine"
    warmup: float = 0.05
    final: float = 0.01
    power: float = 0.9
    milestones: tuple[float, ...] = (0.6, 0.85)
    gamma: float = 0.1

    def __post_init__(self) -> None:
        if self.name not in get_args(ScheduleName):
            raise ValueError(f"expected models.schedule.name to be one of {get_args(ScheduleName)}, got {self.name!r}")
        if not 0 <= self.warmup < 1 or not 0 <= self.final <= 1:
            raise ValueError(f"expected warmup in [0, 1) and final in [0, 1], got {self.warmup} and {self.final}")

    def factor(self, step: int, total_steps: int) -> float:
        """Fraction of the peak rate, in (0, 1], at a step counted from 0."""
        warmup_steps = round(self.warmup * total_steps)
        if step < warmup_steps:
            rise = (step + 1) / (warmup_steps + 1)
            return (1 - math.cos(math.pi * rise)) / 2 if self.name == "one_cycle" else rise
        progress = min(1.0, (step - warmup_steps) / max(1, total_steps - 1 - warmup_steps))
        if self.name == "constant":
            return 1.0
        if self.name == "step":
            return self.gamma ** sum(step / total_steps >= milestone for milestone in self.milestones)
        fall = (1 - progress) ** self.power if self.name == "poly" else (1 + math.cos(math.pi * progress)) / 2
        return self.final + (1 - self.final) * fall

    def __call__(self, optimizer: torch.optim.Optimizer, total_steps: int, epochs: int = 1) -> StepSchedule:
        """The scheduler, to be stepped once per optimiser step, of a training of so many steps and epochs."""
        return StepSchedule(optimizer, self, total_steps, epochs)


class StepSchedule(LambdaLR):
    """The learning rate of each step, of a training that may go on with other settings.

    Where it goes on, the peak rate and the schedule are those of the settings, and the place on the schedule follows
    from the epochs done. If the same schedule was made for another number of steps (more epochs, larger batches), the
    rate never exceeds what was still to come by the old one: a rate that has come down stays down.

    Args:
        optimizer: whose rate is set.
        schedule: the fraction of the peak rate at each step.
        total_steps: of the whole training.
        epochs: of the whole training.

    Attributes:
        ceiling: fraction of the peak that the rate does not exceed, in (0, 1].
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, schedule: ScheduleFactory, total_steps: int, epochs: int
    ) -> None:
        self.schedule = schedule
        self.total_steps = total_steps
        self.epochs = epochs
        self.ceiling = 1.0
        self._warmup = schedule.warmup
        super().__init__(optimizer, self.factor)

    def factor(self, step: int) -> float:
        """Fraction of the peak rate, in (0, 1], at a step counted from 0."""
        return min(self.ceiling, self.schedule.factor(step, self.total_steps))

    def refit(self, total_steps: int, epochs: int) -> None:
        """Gives the rest of the training another length.

        A warm-up that runs keeps its steps, but ends now where that is late for the new length. Behind it, the rate
        does not rise again.

        Args:
            total_steps: of the whole training.
            epochs: of the whole training.
        """
        warmup_steps = self.schedule.warmup * self.total_steps
        if self.last_epoch >= warmup_steps:
            self.ceiling = self.factor(self.last_epoch)
        warmup_steps = min(warmup_steps, max(self._warmup * total_steps, self.last_epoch))
        self.schedule = replace(self.schedule, warmup=min(warmup_steps / max(1, total_steps), 0.99))
        self.total_steps, self.epochs = total_steps, epochs

    def state_dict(self) -> dict[str, Any]:
        """The step, the schedule that led to it, and its warm-up as it was typed; plain values."""
        schedule = {**asdict(self.schedule), "milestones": list(self.schedule.milestones)}
        numbers = {name: getattr(self, name) for name in ("last_epoch", "total_steps", "epochs", "ceiling")}
        return {**numbers, "schedule": schedule, "warmup": self._warmup}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on at the step of a state, by the settings of this schedule."""
        step, total_steps = int(state_dict["last_epoch"]), int(state_dict["total_steps"])
        earlier = ScheduleFactory(
            **{**state_dict["schedule"], "milestones": tuple(state_dict["schedule"]["milestones"])}
        )
        typed = replace(earlier, warmup=state_dict.get("warmup", earlier.warmup))  # as it was before any `refit`
        self.ceiling = 1.0
        if typed == replace(self.schedule, milestones=tuple(self.schedule.milestones)):
            self.ceiling = state_dict["ceiling"]
            if total_steps != self.total_steps:
                remaining = range(step, max(step, total_steps) + 1)
                self.ceiling = min(self.ceiling, max(earlier.factor(later, total_steps) for later in remaining))
        steps_per_epoch, before = self.total_steps / self.epochs, total_steps / state_dict["epochs"]
        self.last_epoch = step if steps_per_epoch == before else round(step * steps_per_epoch / before)
        self._last_lr = [peak * self.factor(self.last_epoch) for peak in self.base_lrs]
        for group, peak, rate in zip(self.optimizer.param_groups, self.base_lrs, self._last_lr, strict=True):
            group["initial_lr"], group["lr"] = peak, rate


def configure_optimization(
    network: nn.Module, trainer: pl.Trainer, optimizer: OptimizerFactory, schedule: ScheduleFactory
) -> OptimizerLRSchedulerConfig:
    """What a module's `configure_optimizers` returns: the schedule steps per optimiser step, over the whole training.

    Args:
        network: whose weights are trained.
        trainer: knows the precision and the number of steps.
        optimizer: builds the optimiser; not a fused one in 16-mixed, which would unscale after the clipping.
        schedule: builds the learning-rate schedule.
    """
    built = (replace(optimizer, fused=False) if trainer.precision == "16-mixed" else optimizer)(network)
    scheduler = schedule(built, int(trainer.estimated_stepping_batches), max(1, trainer.max_epochs or 1))
    return {"optimizer": built, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def learning_rates(optimizers: Iterable[torch.optim.Optimizer]) -> list[float]:
    """The current rates of each optimiser, `lr` first: one, or that of the encoder as well where it has its own."""
    rates = [[float(group["lr"]) for group in reversed(optimizer.param_groups)] for optimizer in optimizers]
    return [rate for own in rates for rate in dict.fromkeys(own)]
