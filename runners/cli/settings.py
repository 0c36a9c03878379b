"""Settings as plain values: what the rest of the project gets of a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from omegaconf import DictConfig, OmegaConf

Group = Mapping[str, Any]
"""Settings of a group by their names, each a plain value, references resolved."""
REBUILT = ("build", "callbacks", "logger")
"""Groups that say how parts are built; of a checkpoint they are not read: that is today's code to say."""
CALL = re.compile(r"\$\{[^}]*:")
"""A call in a setting, such as `${oc.env:HOME}`; `${datasets.img_size}` only points to another setting."""


@dataclass(frozen=True)
class Settings:
    """Every setting of a detector (configs/base.yaml) or of a classifier (configs/classification.yaml)."""

    seed: int
    resume: str | None
    datasets: Group
    models: Group
    trainer: Group
    checkpoint: Group
    early_stopping: Group
    experiment: Group
    logger: Group
    callbacks: Group
    build: Group
    written: Group  # all of them as they were written, references kept: what runs and checkpoints keep

    @classmethod
    def of(cls, written: Group) -> Settings:
        """From all settings as they were written; settings beside these, which others refer to, stay in `written`.

        Raises:
            omegaconf.errors.OmegaConfBaseException: if one has no value, or refers to none.
        """
        values = plain(DictConfig(written), resolve=True)
        names = [field.name for field in fields(cls) if field.name != "written"]
        return cls(**{name: values[name] for name in names}, written=written)


def plain(config: DictConfig, *, resolve: bool = False, complete: bool = False) -> dict[str, Any]:
    """Settings as plain containers, references between them kept or resolved; `complete`: each must have a value."""
    container = OmegaConf.to_container(config, resolve=resolve, throw_on_missing=complete)
    if not isinstance(container, dict):
        raise TypeError(f"expected a mapping of settings, got {type(container).__name__}")
    return {str(name): value for name, value in container.items()}


def without_calls(written: Group, resolved: Group) -> dict[str, Any]:
    """Settings as they were written, with the values of calls such as `${oc.env:DATA}`: checkpoints keep no calls.

    Args:
        written: with references and calls. Those in `REBUILT` stay: they may be secrets, and no checkpoint needs them.
        resolved: the same settings without either.
    """
    return {
        name: value if name in REBUILT else _without_calls(value, resolved[name]) for name, value in written.items()
    }


def _without_calls(written: object, resolved: object) -> object:
    if isinstance(written, dict) and isinstance(resolved, dict):
        return {name: _without_calls(value, resolved[name]) for name, value in written.items()}
    if isinstance(written, list) and isinstance(resolved, list):
        return [_without_calls(*pair) for pair in zip(written, resolved, strict=True)]
    return resolved if isinstance(written, str) and CALL.search(written) else written


def without_nulls(settings: Group) -> dict[str, Any]:
    """The nested settings that have a value."""
    nested = {name: without_nulls(value) if isinstance(value, dict) else value for name, value in settings.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}
