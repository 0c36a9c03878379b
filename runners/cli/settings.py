"""Settings as plain values: what the rest of the project gets of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from omegaconf import DictConfig, OmegaConf

Group = Mapping[str, Any]
"""Settings of a group by their names, each a plain value, references resolved."""


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


def without_nulls(settings: Group) -> dict[str, Any]:
    """The nested settings that have a value."""
    nested = {name: without_nulls(value) if isinstance(value, dict) else value for name, value in settings.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}
