"""Settings as plain containers."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf


def plain(config: DictConfig, *, resolve: bool = False) -> dict[str, Any]:
    """Settings as plain containers, references between them kept or resolved."""
    container = OmegaConf.to_container(config, resolve=resolve)
    if not isinstance(container, dict):
        raise TypeError(f"expected a mapping of settings, got {type(container).__name__}")
    return {str(name): value for name, value in container.items()}


def without_nulls(settings: dict[str, Any]) -> dict[str, Any]:
    """The nested settings that have a value."""
    nested = {name: without_nulls(value) if isinstance(value, dict) else value for name, value in settings.items()}
    return {name: value for name, value in nested.items() if value is not None and value != {}}
