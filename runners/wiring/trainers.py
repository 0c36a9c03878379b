"""Lightning trainers and their loggers, without the lines of theirs that help nobody."""

from __future__ import annotations

import inspect
import logging
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytorch_lightning as pl
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pytorch_lightning.callbacks import Callback, ProgressBar
from pytorch_lightning.loggers import Logger
from pytorch_lightning.strategies.launchers.subprocess_script import _SubprocessScriptLauncher

from baseline_code.training.lightning_io import AtomicCheckpointIO
from runners.cli.settings import Group, Settings
from runners.wiring.callbacks import progress_bar
from runners.wiring.kernels import tries_kernels, use_matmul_precision

ANYWHERE = {"accelerator": "auto", "devices": "auto", "strategy": "auto", "precision": "32-true", "num_nodes": 1}
NOT_LIGHTNING = (
    "batch_size",
    "benchmark",
    "float32_matmul_precision",
    "max_time",
)  # settings of `trainer` that others take
_DIVIDES = ("fsdp", "deepspeed")
_NOISE = re.compile(
    r"Tip: |was configured so 100%|to estimate number of stepping batches|TPU available|"
    r"Using default `ModelCheckpoint`|`Trainer.fit` stopped: `max_epochs|Loaded .*from checkpoint"
)
_LOGGERS = (
    "pytorch_lightning.utilities.rank_zero",
    "lightning_fabric.utilities.rank_zero",
    "timm.models._helpers",  # "Loaded  from checkpoint", for weights that the project names itself
)
_WARNINGS = (
    ".*LeafSpec.*is deprecated",
    ".*number of training batches .* is smaller than the logging interval",
    ".*does not have many workers",
)


def build_trainer(
    settings: Settings,
    folder: Path,
    callbacks: list[Callback],
    loggers: Sequence[Logger] = (),
    *,
    validated: bool = True,
) -> pl.Trainer:
    """The trainer of these settings.

    Args:
        settings: of the training.
        folder: of the run. Before SLURM ends a job, Lightning saves a checkpoint there, and a job that has no other one
            begins with it: in a folder of several runs, it would be another one's.
        callbacks: of `build_callbacks`.
        loggers: of `build_loggers`.
        validated: whether anything is validated; if not, Lightning asks for no validation data.

    Raises:
        ValueError: if this machine, Lightning or a training of this project cannot do what `trainer` says.
    """
    strategy = str(settings.trainer["strategy"])
    if strategy.startswith(_DIVIDES):
        raise ValueError(
            "expected trainer.strategy to keep the whole network on each device, such as auto, ddp or "
            f"ddp_find_unused_parameters_true, got {strategy}, which divides it among them"
        )
    arguments = {name: value for name, value in settings.trainer.items() if name not in NOT_LIGHTNING}
    unknown = sorted(set(arguments) - set(inspect.signature(pl.Trainer).parameters))
    if unknown:
        raise ValueError(f"trainer.{unknown[0]}: Lightning's Trainer has no such argument")
    if not validated:
        arguments["limit_val_batches"] = 0
    use_matmul_precision(settings.trainer["float32_matmul_precision"])
    quiet_libraries()
    with explained(settings.trainer):
        trainer = pl.Trainer(
            **arguments,
            default_root_dir=folder,
            benchmark=tries_kernels(settings),
            callbacks=callbacks,
            logger=list(loggers) or False,
            enable_progress_bar=any(isinstance(callback, ProgressBar) for callback in callbacks),
            enable_model_summary=False,  # a table of three rows, whose FLOPs are 0
            plugins=[AtomicCheckpointIO()],
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
        )
        launcher = trainer.strategy.launcher
        if isinstance(launcher, _SubprocessScriptLauncher):  # Lightning checks this once the training starts
            launcher.cluster_environment.validate_settings(launcher.num_processes, launcher.num_nodes)
    return trainer


@contextmanager
def explained(trainer: Group) -> Iterator[None]:
    """Says in one line, with the settings of `trainer` that it is about, why Lightning cannot make one.

    Raises:
        ValueError: naming the settings of the device and Lightning's reason.
    """
    try:
        yield
    except (MisconfigurationException, ValueError, TypeError, RuntimeError, ImportError) as error:
        asked = ", ".join(
            f"trainer.{name}={trainer[name]}"
            for name, anywhere in ANYWHERE.items()
            if trainer.get(name, anywhere) != anywhere
        )
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{asked or 'trainer'}: Lightning refuses it here: {reason}; what runs everywhere: "
            f"{' '.join(f'trainer.{name}={value}' for name, value in ANYWHERE.items())}"
        ) from error


def build_loggers(logger: Group, folder: Path) -> list[Logger]:
    """The loggers of the group `logger`, which write below `folder`.

    Raises:
        ValueError: if the package of one is missing, with the line that installs it.
    """
    loggers = []
    for name, target in logger.items():
        try:
            loggers.append(instantiate(target, save_dir=str(folder)))
        except (ImportError, InstantiationException) as error:
            if not isinstance(error.__cause__ or error, ImportError):
                raise
            raise ValueError(f"logger={name} needs the package {name}: pip install {name}") from error
    return loggers


def build_inference_trainer(trainer: Group) -> pl.Trainer:
    """A trainer that only evaluates or predicts: one process, nothing logged, the training's precision."""
    use_matmul_precision(trainer["float32_matmul_precision"])
    quiet_libraries()
    bar = progress_bar()
    with explained(trainer):
        return pl.Trainer(
            accelerator=trainer["accelerator"],
            devices=1,
            precision=trainer["precision"],
            default_root_dir=os.devnull,  # under SLURM Lightning would load a checkpoint that lies there
            benchmark=False,  # several views are of several shapes
            callbacks=bar,
            logger=False,
            enable_progress_bar=bool(bar),
            enable_checkpointing=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )


def quiet_libraries() -> None:
    """Leaves out such lines from now on; what may mean a fault is still shown."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_of_use)
    for text in _WARNINGS:
        warnings.filterwarnings("ignore", text)


def _is_of_use(record: logging.LogRecord) -> bool:
    return _NOISE.search(record.getMessage()) is None
