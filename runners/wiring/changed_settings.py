"""The first lines of a training: its preset, and the settings that differ from it."""

from __future__ import annotations

from collections.abc import Iterator

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only
from rich.console import Console

from ocr.experiments.changes import leaves
from runners.cli.setting_types import written
from runners.cli.settings import plain
from runners.cli.spellings import settle


@rank_zero_only
def print_settings(config: DictConfig, console: Console | None = None) -> None:
    """Prints what a person changed of the preset; all settings are in the run's `.hydra/config.yaml`.

    Args:
        config: the settings of the command that Hydra runs.
        console: where to.
    """
    lines = list(changed_settings(config))
    head = f"Settings of preset={HydraConfig.get().runtime.choices['preset']}, {'changed:' if lines else 'unchanged'}"
    text = "\n  ".join([head, *lines])
    (console or Console()).print(text, soft_wrap=True, markup=False, highlight=False)


def changed_settings(config: DictConfig) -> Iterator[str]:
    """`key=value (preset: value)` of each setting, as typed; one that refers to another is not named again."""
    hydra = HydraConfig.get()
    preset = compose(str(hydra.job.config_name), [f"preset={hydra.runtime.choices['preset']}"])
    before = dict(leaves(plain(settle(preset))))
    for key, value in leaves(plain(config)):
        if key not in before:
            yield f"{key}={written(value)}"
        elif value != before[key]:
            yield f"{key}={written(value)} (preset: {written(before[key])})"
