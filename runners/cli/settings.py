"""Settings as plain containers, and as a table."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.table import Table


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


def print_settings(config: DictConfig, console: Console | None = None) -> None:
    """A table of every resolved setting, without the wiring."""
    table = Table("setting", "value", title="Settings")
    for name, value in plain(config, resolve=True).items():
        if name != "build":
            _add_rows(table, name, value)
    (console or Console()).print(table)


def _add_rows(table: Table, name: str, value: object) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            _add_rows(table, f"{name}.{key}", child)
    else:
        table.add_row(name, str(value))
