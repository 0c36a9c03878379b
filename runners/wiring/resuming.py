"""Going on with a training: from which checkpoint, with which settings, at which epoch."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.utilities import rank_zero_only
from torch import Tensor

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.training.callbacks import PatientStopping, RunCheckpoint, TrainingSummary
from baseline_code.training.optimization import StepSchedule
from baseline_code.training.processes import is_first_process
from ocr.experiments.changes import leaves, typed_value
from runners.cli.moved_settings import rename_moved
from runners.cli.settings import Group, Settings
from runners.wiring.checkpoints import CheckpointError, read_checkpoint

NEEDED = ("loops", "callbacks", "optimizer_states", "lr_schedulers")  # of a checkpoint that training can go on from
MUST_AGREE = ("models.optimizer.name", "models.ema.enabled")
NO_NETWORK = ("optimizer", "schedule", "loss", "ema", "label_smoothing", "mixup", "channels_last", "compile")
"""Settings below `models` that say nothing about the network's weights."""

log = logging.getLogger(__name__)
_log, _warn = rank_zero_only(log.info), rank_zero_only(log.warning)


class Resumed(NamedTuple):
    """The checkpoint that a training goes on from."""

    path: Path
    content: dict[str, Any]

    @property
    def epoch(self) -> int:
        """The one that comes next, from 0; the same one again where it was not complete."""
        return int(self.content["loops"]["fit_loop"]["epoch_progress"]["current"]["processed"])

    @property
    def step(self) -> int:
        """Steps of the optimiser so far."""
        return int(self.content["global_step"])


def find_resume(resume: str | None, folder: Path) -> Resumed | None:
    """The checkpoint to go on from.

    Args:
        resume: None, a path, or `auto` for the newest whole checkpoint of the run's folder where there is one. Where
            the file at a path is damaged, the newest whole one beside it takes its place, with a warning.
        folder: the run's folder.

    Raises:
        CheckpointError: if the path holds no file, no checkpoint is whole, or the folder holds a training that `resume`
            does not go on with.
    """
    own = folder / "checkpoints"
    others = sorted(own.glob("*.ckpt"))
    if resume is None or (resume != "auto" and Path(resume).resolve().parent != own.resolve()):
        if others:
            raise CheckpointError(
                f"{folder} holds a training already: go on with it by resume=auto, or choose another hydra.run.dir"
            )
        if resume is None:
            return None
    if resume == "auto":
        if not others:
            return None
        found = _newest(others)
        if not (own / "last.ckpt").is_file():
            _warn("%s is not there: the training goes on from %s", own / "last.ckpt", found.path)
        return found
    path = Path(resume)
    if not path.is_file():
        beside = ", ".join(other.name for other in sorted(path.parent.glob("*.ckpt")))
        raise CheckpointError(
            f"expected a checkpoint at resume={resume}, found no file there" + (f" but {beside}" if beside else "")
        )
    try:
        return _read(path)
    except CheckpointError as error:
        rest = [other for other in sorted(path.parent.glob("*.ckpt")) if other != path]
        if not rest:
            raise
        _warn("%s", error)
        found = _newest(rest)
        _warn("the training goes on from %s (epoch %d) instead", found.path, found.epoch)
        return found


def _newest(paths: list[Path]) -> Resumed:
    """The whole checkpoint of most steps; of two of the same step `last.ckpt`."""
    whole, faults = [], []
    for path in paths:
        try:
            whole.append(_read(path))
        except CheckpointError as error:
            faults.append(str(error))
    if not whole:
        raise CheckpointError(
            "expected a whole checkpoint to go on from, got none: "
            + "; ".join(faults)
            + "; choose another hydra.run.dir"
        )
    newest = max(whole, key=lambda one: (one.step, one.path.name == "last.ckpt"))
    for fault in faults:
        _warn("%s; the training goes on from %s (epoch %d)", fault, newest.path, newest.epoch)
    return newest


def _read(path: Path) -> Resumed:
    content = read_checkpoint(path)
    missing = [name for name in NEEDED if name not in content]
    if missing:
        raise CheckpointError(f"{path}: expected a checkpoint that a training can go on from, it lacks {missing[0]}")
    resumed = Resumed(path, content)
    try:
        _ = resumed.epoch, resumed.step
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: expected a checkpoint that tells its epoch, got none ({error!r})") from error
    return resumed


def restore(
    resumed: Resumed,
    settings: Settings,
    module: pl.LightningModule,
    callbacks: list[Callback],
) -> None:
    """Brings the parts of a training to where a checkpoint left it, as far as Lightning does not.

    The best checkpoint so far comes along into this run's folder; where it cannot, the best is chosen anew. Settings
    that differ are logged.

    Args:
        resumed: where from.
        settings: which hold from here on.
        module: of these settings.
        callbacks: of `build_callbacks`; more of them may come.

    Raises:
        CheckpointError: if the checkpoint is of another network or optimiser, or trained longer than
            `trainer.max_epochs`.
    """
    _check_network(resumed, settings.written, module)
    max_epochs = settings.trainer["max_epochs"]
    is_counted = max_epochs != -1 and settings.trainer["max_time"] is None
    if is_counted and resumed.epoch > max_epochs:
        raise CheckpointError(
            f"resume={resumed.path}: trained for {resumed.epoch} epochs already, got trainer.max_epochs={max_epochs}"
        )
    if is_counted and max_epochs == resumed.epoch:
        _log("all %d epochs are trained: a larger trainer.max_epochs goes on", resumed.epoch)
    for best in callbacks:
        if isinstance(best, RunCheckpoint) and best.monitor is not None:
            best.carried = _carry_best(resumed, best)
            if not best.carried and best.name == "best":
                for summary in callbacks:
                    if isinstance(summary, TrainingSummary):
                        summary.best_from = resumed.epoch
        if isinstance(best, PatientStopping):
            best.carried = not any(_validated_elsewhere(resumed, one) for one in callbacks)
    changed = differing_settings(resumed.content["config"], settings.written)
    if changed:
        listed = "; ".join(
            f"{key} {typed_value(before)} → {typed_value(now)}" for key, (before, now) in changed.items()
        )
        _log("settings that differ from the checkpoint's, and hold from here on: %s", listed)


class ResumedRate(pl.Callback):
    """Says at which epoch and learning rate a training goes on."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs the rate of the next step and of the last one."""
        for config in trainer.lr_scheduler_configs:
            schedule = config.scheduler
            if not isinstance(schedule, StepSchedule):
                continue
            peak = schedule.base_lrs[-1]
            rates = [peak * schedule.factor(step) for step in (schedule.last_epoch, schedule.total_steps)]
            _log(
                "goes on at epoch %d of %s: learning rate %.2e, at the end %.2e%s",
                trainer.current_epoch + 1,
                trainer.max_epochs,
                *rates,
                ""
                if schedule.ceiling == 1
                else "; it had come down before and stays down: for a higher one choose "
                "models.schedule.name=constant and models.optimizer.lr",
            )


def differing_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Settings of both that differ, by their dotted keys, as they are written; bookkeeping and wiring are left out."""
    earlier, current = dict(leaves(rename_moved(before))), dict(leaves(now))
    left_out = ("build.", "callbacks.", "experiment.", "logger.", "resume")
    return {
        key: (earlier[key], value)
        for key, value in current.items()
        if key in earlier and earlier[key] != value and not key.startswith(left_out)
    }


def _check_network(resumed: Resumed, written: Group, module: pl.LightningModule) -> None:
    changed = differing_settings(resumed.content["config"], written)
    refused = {key: pair for key, pair in changed.items() if key in MUST_AGREE}
    ours, theirs = module.state_dict(), resumed.content["state_dict"]
    unfit = [name for name in ours.keys() | theirs.keys() if _shape(ours, name) != _shape(theirs, name)]
    if unfit:
        refused |= {key: pair for key, pair in changed.items() if _is_of_network(key)}
        if not refused:
            raise CheckpointError(
                f"resume={resumed.path}: expected the weights of this network, got others ({sorted(unfit)[0]}): was it "
                "trained by another kind of trainer, or by earlier code?"
            )
    if refused:
        listed = ", ".join(f"{key}={typed_value(before)}" for key, (before, _) in refused.items())
        got = ", ".join(typed_value(now) for _, now in refused.values())
        raise CheckpointError(f"resume={resumed.path}: trained with {listed}, got {got}")


def _is_of_network(key: str) -> bool:
    group, _, name = key.partition(".")
    return group == "models" and name.partition(".")[0] not in NO_NETWORK


def _shape(state: Mapping[str, Tensor], name: str) -> object:
    return tuple(state[name].shape) if name in state else None


def _carry_best(resumed: Resumed, best: RunCheckpoint) -> bool:
    """Whether the best checkpoint so far lies in this run's folder now, copied from the checkpoint's where need be."""
    state = resumed.content["callbacks"].get(best.state_key)
    elsewhere = _validated_elsewhere(resumed, best)
    if state is None or (state["monitor"], state.get("mode", best.mode)) != (best.monitor, best.mode) or elsewhere:
        why = f"{resumed.path} was validated on other labels, at another size or read otherwise; " if elsewhere else ""
        _warn("%s%s: from here on the best epoch is chosen by %s anew", why, best.path, best.monitor)
        _keep_best_so_far(best.path, resumed.epoch)
        return False
    if state["best_model_score"] is None:
        return True
    for path in dict.fromkeys((best.path, resumed.path.with_name(best.path.name))):
        if path.is_file() and _is_best_of(path, state["best_model_score"], resumed, best.state_key):
            if path != best.path and is_first_process():
                write_bytes_atomic(best.path, path.read_bytes())
                _log("the best epoch so far: %s, copied to %s", path, best.path)
            return True
    _warn(
        "the checkpoint of the best epoch so far (%s %.4f) is lost: %s will be the best from epoch %d on",
        best.monitor,
        float(state["best_model_score"]),
        best.path,
        resumed.epoch + 1,
    )
    with suppress(CheckpointError):  # nothing is there, or nothing whole
        _keep_best_so_far(best.path, _read(best.path).epoch)
    return False


def _validated_elsewhere(resumed: Resumed, callback: Callback) -> bool:
    """Whether scores until now are of something else than those to come; not of checkpoints that do not say."""
    if not isinstance(callback, RunCheckpoint) or callback.monitor is None or not callback.monitor.startswith("val_"):
        return False
    before = resumed.content["callbacks"].get(callback.state_key, {}).get("validated_on")
    return before is not None and before != callback.validated_on


@rank_zero_only
def _keep_best_so_far(path: Path, epochs: int) -> None:
    if path.is_file():
        kept = path.with_name(f"{path.stem}_until_epoch_{epochs}{path.suffix}")
        write_bytes_atomic(kept, path.read_bytes())
        log.info("the best epoch so far stays as %s", kept)


def _is_best_of(path: Path, score: Tensor, resumed: Resumed, key: str) -> bool:
    try:
        other = resumed if path == resumed.path else _read(path)
    except CheckpointError as error:
        _warn("%s", error)
        return False
    found = other.content["callbacks"].get(key, {}).get("best_model_score")
    return found is not None and float(found) == float(score) and other.step <= resumed.step
