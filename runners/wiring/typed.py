"""What somebody typed for a command that uses a checkpoint, and whether it acts there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ocr.detection.reading import READ_WITH
from ocr.experiments.changes import leaves, typed_value
from runners.cli.entry import CONFIG_DIR
from runners.cli.settings import Settings, plain
from runners.wiring.checkpoints import Overrides

_PREDICTED_WITH = re.compile(r"tta\.\w+|datasets\.(padding|test\.(img_size|resize|max_side))|trainer\.precision")
"""What changes a probability map, and not how it is read."""


def typed_settings(overrides: Overrides) -> dict[str, Any]:
    """What overrides change, by dotted keys; nothing that a checkpoint or a calibration says."""
    defaults = _plain_view()
    views = {f"tta.{name}": value for name, value in overrides.tta.items() if value != defaults.get(name, value)}
    return dict(leaves(overrides.changes)) | views


def check_acts(overrides: Overrides, settings: Settings, source: str | Path) -> None:
    """Refuses what was typed and is not read with the settings that result.

    Args:
        overrides: of the command.
        settings: of the checkpoint, with the overrides.
        source: what to call the checkpoint.

    Raises:
        ValueError: naming each, and what to add so that it is read.
    """
    unread = [
        f"{key}={typed_value(value)} is read with {wanted} only, {source} has {got}: add {wanted}, or leave {key} out"
        for key, value in typed_settings(overrides).items()
        for wanted, got in _missing(key, overrides, settings)
    ]
    if unread:
        raise ValueError("; ".join(unread))


def check_predicts(overrides: Overrides, path: Path) -> None:
    """Refuses what was typed for the forward pass of a command that has none: it takes what was predicted before.

    Args:
        overrides: of the command.
        path: maps or predictions that are there.

    Raises:
        ValueError: naming each, and what to do.
    """
    unread = [key for key in typed_settings(overrides) if _PREDICTED_WITH.fullmatch(key)]
    if unread:
        raise ValueError(
            f"{path}: expected {', '.join(unread)} for checkpoints only; this is predicted already: predict it again "
            "with these (runners/predict.py …), or leave them out"
        )


def _missing(key: str, overrides: Overrides, settings: Settings) -> Iterator[tuple[str, str]]:
    """The setting with which `key` is read, and that which is there in its place; nothing where `key` is read."""
    group, _, name = key.rpartition(".")
    if key == "tta.overlap" and overrides.tta.get("tile") is None:
        yield "tta.tile=…", "no tiles"
    if name not in READ_WITH or group == "tta":
        return
    chooser, value = READ_WITH[name]
    owner = settings.models["head"] if group == "models.head" else settings.datasets[group.removeprefix("datasets.")]
    got = owner[chooser]
    followed = settings.datasets["val"][chooser] if group == "datasets.test" else got  # val takes over what test has
    if value not in (got, followed):
        yield f"{group}.{chooser}={value}", f"{chooser}={got}"


@cache
def _plain_view() -> dict[str, Any]:
    """`tta` as it is where nobody types anything."""
    view: dict[str, Any] = plain(DictConfig(OmegaConf.load(CONFIG_DIR / "overrides.yaml")))["tta"]
    return view
