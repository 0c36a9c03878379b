"""Settings for probability maps: those of the checkpoint that they came from, where it is still there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from ocr.probability_maps import MapCache, file_sha256
from runners.wiring.checkpoints import calibrated_head, merge_settings, read_checkpoint


def load_settings(checkpoint_path: Path | None, overrides: DictConfig) -> DictConfig:
    """The settings of a checkpoint, or the project's own, without loading a network.

    Args:
        checkpoint_path: whose settings; None: the defaults.
        overrides: as `load_module` takes them: they and their calibration come on top.

    Raises:
        runners.wiring.checkpoints.CheckpointError: if the checkpoint cannot be used.
        ocr.calibration.CalibrationError: if the calibration cannot be used.
    """
    checkpoint: dict[str, Any] = {"config": {}} if checkpoint_path is None else read_checkpoint(checkpoint_path)
    head = calibrated_head(overrides)
    return merge_settings(checkpoint, checkpoint_path or "base.yaml", "base", overrides, head=head)


def find_checkpoint(cache: MapCache) -> Path | None:
    """The checkpoint that maps came from, of an ensemble's maps that of its first member.

    Returns:
        None where that is not known, or the file is not there any more or another one.
    """
    source: Mapping[str, Any] = cache.source
    while source.get("members"):
        source = source["members"][0]
    path = Path(str(source.get("checkpoint", "")))
    return path if path.is_file() and file_sha256(path) == source.get("checkpoint_sha256") else None
