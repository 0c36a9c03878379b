"""A training under Lightning, and how it ends: whole, or with the status that schedulers know and a hint."""

from __future__ import annotations

import hashlib
import logging
import shlex
from pathlib import Path

import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from pytorch_lightning.trainer.states import TrainerStatus
from pytorch_lightning.utilities import rank_zero_only
from pytorch_lightning.utilities.exceptions import SIGTERMException
from torch import nn

from baseline_code.datasets.datamodule import ClassificationDataModule
from baseline_code.files.names import shown_path
from baseline_code.training.callbacks import RunCheckpoint
from ocr.datasets.datamodule import DetectionDataModule
from runners.cli.entry import explain_environment, typed_command
from runners.cli.exit_status import EXIT_INTERRUPTED, EXIT_TERMINATED
from runners.cli.quoting import quoted_where_needed
from runners.cli.settings import Settings
from runners.wiring.resuming import Resumed, ResumedRate, restore

log = logging.getLogger(__name__)


def fit(
    settings: Settings,
    trainer: pl.Trainer,
    module: pl.LightningModule,
    datamodule: DetectionDataModule | ClassificationDataModule,
    resumed: Resumed | None,
) -> None:
    """Trains, from the start or from a checkpoint.

    Args:
        settings: of the training.
        trainer: of `build_trainer`.
        module: to be trained.
        datamodule: of either trainer.
        resumed: where to go on from, or None; its content is let go.

    Raises:
        SystemExit: with status 143 after SIGTERM, 130 after Ctrl-C, as shells and schedulers expect.
        runners.wiring.checkpoints.CheckpointError: if the checkpoint does not fit the settings.
        ValueError: if batch normalisation is to be synchronised that would lose its activations by it.
    """
    if settings.trainer.get("sync_batchnorm"):
        _check_synchronisable(module)
    path = None
    weights = sum(weight.numel() for weight in module.parameters())
    rank_zero_only(log.info)("network: %.2f million weights", weights / 1e6)
    for best in trainer.checkpoint_callbacks:
        if isinstance(best, RunCheckpoint):
            best.validated_on = _validation_fingerprint(settings, datamodule)
    if resumed is not None:
        restore(resumed, settings, module, trainer.callbacks)  # type: ignore[attr-defined]
        trainer.callbacks.append(ResumedRate())  # type: ignore[attr-defined]
        path = resumed.path
        if settings.trainer["max_time"] is not None:  # the epochs follow from the time
            trainer.fit_loop.max_epochs = max(settings.trainer["max_epochs"], resumed.epoch + 1)
        resumed.content.clear()  # or its tensors would lie in memory twice
    try:
        trainer.fit(module, datamodule, ckpt_path=path, weights_only=True)
    except SIGTERMException:
        _log_how_to_resume(trainer)
        raise SystemExit(EXIT_TERMINATED) from None
    except (MemoryError, RuntimeError, OSError) as error:
        if explain_environment(error) is not None:
            _log_how_to_resume(trainer)
        raise
    except SystemExit as stop:  # what Lightning makes of Ctrl-C
        if trainer.state.status != TrainerStatus.INTERRUPTED or stop.code == EXIT_TERMINATED:
            raise
        _log_how_to_resume(trainer)
        raise SystemExit(EXIT_INTERRUPTED) from None


def _check_synchronisable(module: nn.Module) -> None:
    """Refuses layers of timm that hold an activation: torch's synchronised batch normalisation takes their place."""
    for name, part in module.named_modules():
        if isinstance(part, nn.BatchNorm2d) and type(part) is not nn.BatchNorm2d:
            raise ValueError(
                f"expected no trainer.sync_batchnorm with this network: {name}, a {type(part).__name__}, would lose "
                "its activation; leave it out, or take an encoder such as resnet50 or hrnet_w44"
            )


def _validation_fingerprint(settings: Settings, datamodule: DetectionDataModule | ClassificationDataModule) -> str:
    """Of the labels that are validated on, and of how the images are shown to the network and its maps are read."""
    shown = {**settings.datasets["val"], "batch_size": None} if "val" in settings.datasets else {}
    sizes = [settings.datasets.get(name) for name in ("img_size", "padding", "mean", "std")]
    facts = (
        datamodule.validation_digest(),
        shown,
        sizes,
        settings.models.get("head"),
        settings.trainer["limit_val_batches"],
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()


@rank_zero_only
def _log_how_to_resume(trainer: pl.Trainer) -> None:
    last = next(
        callback.path
        for callback in trainer.checkpoint_callbacks
        if isinstance(callback, RunCheckpoint) and callback.monitor is None
    )
    epoch, epochs = trainer.current_epoch + 1, trainer.max_epochs
    if last.is_file():
        log.warning("interrupted in epoch %d of %s; go on by: %s", epoch, epochs, resuming_command(last.parents[1]))
    else:
        log.warning("interrupted in epoch %d of %s, before anything was saved: start again", epoch, epochs)


def resuming_command(folder: Path) -> str:
    """The command that goes on with the training that this process runs."""
    runner, *typed = typed_command()
    if HydraConfig.get().job.config_name != "kfold":  # which goes on by itself
        place = "hydra.run.dir"
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            place, folder = "hydra.sweep.dir", Path(HydraConfig.get().sweep.dir)
        typed = [argument for argument in typed if not argument.startswith(("resume=", f"{place}="))]
        typed += [f"{place}={quoted_where_needed(shown_path(folder))}", "resume=auto"]
    return shlex.join(["python", runner, *typed])
