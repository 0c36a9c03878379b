"""The first lines of a training: its preset, and the settings that differ from it."""

from __future__ import annotations

from collections.abc import Iterator

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from pytorch_lightning.utilities import rank_zero_only
from rich.console import Console

from ocr.experiments.changes import leaves
from runners.cli.settings import Group, plain
from runners.cli.spellings import settle


@rank_zero_only
def print_settings(written: Group, console: Console | None = None) -> None:
    """Prints what a person changed of the preset; all settings are in the run's `.hydra/config.yaml`.

    Args:
        written: the settings of the command that Hydra runs, as they were written.
        console: where to.
    """
    lines = list(changed_settings(written))
    head = f"Settings of preset={HydraConfig.get().runtime.choices['preset']}, {'changed:' if lines else 'unchanged'}"
    text = "\n  ".join([head, *lines])
    (console or Console()).print(text, soft_wrap=True, markup=False, highlight=False)


def changed_settings(written: Group) -> Iterator[str]:
    """`key=value (preset: value)` of each setting; one that follows another by reference is not named again."""
    hydra = HydraConfig.get()
    preset = compose(str(hydra.job.config_name), [f"preset={hydra.runtime.choices['preset']}"])
    before = dict(leaves(plain(settle(preset))))
    for key, value in leaves(written):
        if key not in before:
            yield f"{key}={value}"
        elif value != before[key]:
            yield f"{key}={value} (preset: {before[key]})"
