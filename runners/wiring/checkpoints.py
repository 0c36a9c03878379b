"""Checkpoints: reading one safely, with the settings that it was trained with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from baseline_code.files.shown_text import first_line
from baseline_code.training.checkpoint_io import check_whole
from ocr.starts import did_you_mean
from runners.cli.moved_settings import rename_moved
from runners.cli.settings import REBUILT, Group, Settings, plain, without_nulls
from runners.wiring.kept_settings import find_misfits, find_resolvers
from runners.wiring.named_detectors import as_checkpoint
from runners.wiring.parts import compose_defaults

MOST_SETTINGS = 10_000
"""Values in a checkpoint's settings; base.yaml has some hundred."""


@dataclass(frozen=True)
class Overrides:
    """What a command that uses a checkpoint changes about it (configs/overrides.yaml); null changes nothing.

    Of a group, some settings may be left out; `Overrides()` takes everything from the checkpoint, with one plain view.
    """

    datasets: Group = field(default_factory=dict)
    models: Group = field(default_factory=dict)
    trainer: Group = field(default_factory=dict)
    tta: Group = field(default_factory=dict)
    calibration: str | None = None

    @classmethod
    def of(cls, settings: Group) -> Overrides:
        """Those among the settings of a command."""
        return cls(**{name: settings[name] for name in (one.name for one in fields(cls)) if name in settings})

    @property
    def changes(self) -> dict[str, Any]:
        """The nested settings of the checkpoint that they replace, with their new values."""
        return without_nulls({"datasets": self.datasets, "models": self.models, "trainer": self.trainer})


class CheckpointError(ValueError):
    """A file that is no checkpoint of this project, or does not fit."""


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """The content of a checkpoint, read without running any code that it might hold.

    Args:
        path: of the file, or the name of a detector that a package brings (see `as_checkpoint`).

    Raises:
        CheckpointError: if it is missing, damaged or not of this project.
        ocr.starts.StartError: if a detector that is named cannot be had.
    """
    named = as_checkpoint(path)
    if named is not None:
        return named
    if not Path(path).is_file():
        best = next(iter(sorted(Path(path).glob("**/checkpoints/best.ckpt"))), None) if Path(path).is_dir() else None
        hint = did_you_mean(str(path)) if best is None else f"; below it: {best}"
        raise CheckpointError(f"expected a checkpoint at checkpoint_path={path}, found no file there{hint}")
    try:
        check_whole(Path(path))
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # bytes that are no checkpoint raise anything, from UnpicklingError to KeyError
        raise CheckpointError(f"{path}: expected a checkpoint, could not read it: {first_line(error)}") from error
    if not isinstance(checkpoint, dict) or not {"config", "state_dict"} <= set(checkpoint):
        raise CheckpointError(f"{path}: expected a checkpoint that training wrote, with its config and weights")
    return checkpoint


def merge_settings(
    checkpoint: Mapping[str, Any],
    path: str | Path,
    wiring: str,
    overrides: Overrides,
    *,
    head: Group | None = None,
) -> Settings:
    """The settings that a checkpoint was trained with; how parts are built from them is today's code to say.

    A setting that is younger than the checkpoint has its default; one that has another name today keeps its value.

    Args:
        checkpoint: as `read_checkpoint` gives it.
        path: its file.
        wiring: name of the configuration with the defaults and the wiring, `base` or `classification`.
        overrides: whose `changes` replace the checkpoint's settings.
        head: `models.head` settings, such as a calibration's, that replace the checkpoint's and give way to overrides.

    Raises:
        CheckpointError: if the settings do not fit the defaults, would call something when they are read, or name parts
            to build other than this project's.
    """
    calibrated = {"models": {"head": dict(head)}} if head else {}
    defaults = compose_defaults(wiring)
    try:
        kept = {name: value for name, value in rename_moved(checkpoint["config"]).items() if name not in REBUILT}
        _check_number(kept)
        own = _resolved_defaults(wiring)
        for name, value in kept.items():
            if isinstance(own.get(name), Mapping) and not isinstance(value, Mapping):
                raise ValueError(f"expected {name} to be a group of settings, got {value!r}")
        calls = list(find_resolvers(kept))
        if calls:
            raise CheckpointError(f"{path}: expected plain values in its settings, got {calls[0]}: it is not resolved")
        merged = DictConfig(OmegaConf.merge(defaults, kept, calibrated, overrides.changes))
        resolved = plain(merged, resolve=True)
        check_targets(resolved, path)
        misfits = list(find_misfits(resolved, own))
    except CheckpointError:
        raise
    except (OmegaConfBaseException, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path}: its settings do not fit this project: {first_line(error)}") from error
    if misfits:
        raise CheckpointError(f"{path}: its settings do not fit this project: {'; '.join(misfits[:5])}")
    return Settings.of(plain(merged))


@cache
def _resolved_defaults(name: str) -> Mapping[str, Any]:
    """Without what says how the parts are built."""
    return {key: value for key, value in plain(compose_defaults(name), resolve=True).items() if key not in REBUILT}


def _check_number(settings: Mapping[str, Any]) -> None:
    """Refuse so many values that merging them takes minutes.

    Raises:
        ValueError: if there are more than 10,000.
    """
    number = 0
    groups: list[Mapping[str, Any] | Sequence[Any]] = [settings]
    while groups:
        group = groups.pop()
        values = list(group.values() if isinstance(group, Mapping) else group)
        number += len(values)
        if number > MOST_SETTINGS:
            raise ValueError(f"expected at most {MOST_SETTINGS:,} values in its settings, got more")
        groups += [value for value in values if isinstance(value, Mapping | list | tuple)]


def calibrated_head(overrides: Overrides) -> Group:
    """The `models.head` settings of the calibration that overrides name; none where they name none.

    Raises:
        ocr.calibration.CalibrationError: if the file cannot be used, or was found for polygons of another kind than
            the overrides ask for.
    """
    if overrides.calibration is None:
        return {}
    from ocr.calibration.calibration_file import head_of_calibration  # here: it loads all of calibration

    return head_of_calibration(overrides.calibration, overrides.models.get("head", {}))


def check_targets(settings: object, path: str | Path) -> None:
    """Refuses a checkpoint whose resolved settings would build anything but the parts that our own settings name.

    Raises:
        CheckpointError: naming the foreign target.
    """
    for target in _targets(settings):
        if target not in _own_targets():
            raise CheckpointError(
                f"{path}: expected only parts of this project in its settings, got _target_={target!r}"
            )


@cache
def _own_targets() -> frozenset[str]:
    names = ("base", "classification")
    return frozenset(target for name in names for target in _targets(plain(compose_defaults(name))))


def _targets(settings: object) -> Iterator[str]:
    if isinstance(settings, Mapping) and "_target_" in settings:
        yield str(settings["_target_"])
    children = settings.values() if isinstance(settings, Mapping) else settings if isinstance(settings, list) else ()
    for child in children:
        yield from _targets(child)
