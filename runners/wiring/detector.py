"""From settings to parts: where configuration becomes objects."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from omegaconf import DictConfig

from ocr.datasets.datamodule import DetectionDataModule
from ocr.lightning_modules import TextDetectionModule
from ocr.models import TextDetector
from ocr.transforms.geometric import Letterbox
from ocr.transforms.tta_views import TTAViews
from runners.cli.entry import explain
from runners.cli.settings import plain
from runners.wiring.checkpoints import (
    CheckpointError,
    calibrated_head,
    check_weights,
    merge_settings,
    read_checkpoint,
)
from runners.wiring.parts import build_part, build_postprocess


def build_module(config: DictConfig) -> TextDetectionModule:
    """The LightningModule of a configuration, which it keeps for its checkpoints."""
    build, models = config.build, config.models
    return TextDetectionModule(
        detector=build_detector(config),
        loss=build_part(build.loss, models.loss),
        postprocess=build_postprocess(config),
        optimizer=build_part(build.optimizer, models.optimizer),
        schedule=build_part(build.schedule, models.schedule),
        channels_last=models.channels_last,
        compile=models.compile,
        config=plain(config),
    )


def build_detector(config: DictConfig) -> TextDetector:
    """The network of a configuration."""
    build, models = config.build.detector, config.models
    parts = {name: build_part(build[name], models[name]) for name in ("encoder", "decoder", "head")}
    detector: TextDetector = build_part(build, **parts)
    return detector


def build_datamodule(config: DictConfig) -> DetectionDataModule:
    """The DataModule of a configuration."""
    build, datasets = config.build, config.datasets
    pseudo = build_part(build.pseudo, datasets.pseudo, postprocess=build_postprocess(config))
    transform = build_part(build.random_transform, datasets.train, padding=datasets.padding)
    pixels = build_part(build.pixels, datasets.train)
    splits = {"train": build_part(build.split, datasets.train, transform=transform, pixels=pixels)}
    for name in ("val", "test"):
        letterbox = build_part(build.letterbox, datasets[name], padding=datasets.padding)
        splits[name] = build_part(build.split, datasets[name], transform=letterbox)
    shrink_ratio = config.models.head.shrink_ratio
    datamodule: DetectionDataModule = build_part(
        build.datamodule, datasets, seed=config.seed, shrink_ratio=shrink_ratio, pseudo=pseudo, **splits
    )
    return datamodule


def build_tta_views(overrides: DictConfig, settings: DictConfig, part: Literal["val", "test"]) -> TTAViews:
    """How the images of a part are looked at, by `tta` of the overrides and the part's size.

    Raises:
        ValueError: if a setting is out of its range.
    """
    base = Letterbox(settings.datasets[part].img_size, settings.datasets.padding)
    tta = overrides.get("tta")
    return TTAViews(base) if tta is None else TTAViews(base, **plain(tta))


def load_module(checkpoint_path: str | Path, overrides: DictConfig) -> tuple[TextDetectionModule, DictConfig]:
    """A trained module and its configuration, from its checkpoint alone.

    Args:
        checkpoint_path: a checkpoint that training wrote.
        overrides: settings whose `datasets`, `models` and `trainer` replace the checkpoint's where they are not null;
            with `calibration`, the post-processing of that file comes between the two.

    Returns:
        The module with the checkpoint's weights (the averaged ones, where it trained with an average), in evaluation
        mode, and the merged configuration.

    Raises:
        CheckpointError: if the file is missing, no checkpoint of this project, or does not fit its own configuration.
        ocr.calibration.CalibrationError: if the calibration cannot be used.
    """
    checkpoint = read_checkpoint(checkpoint_path)
    if "classes" in checkpoint:
        raise CheckpointError(f"{checkpoint_path}: expected a detector's checkpoint, got a classifier's")
    config = merge_settings(checkpoint, checkpoint_path, "base", overrides, head=calibrated_head(overrides))
    config.models.encoder.update(pretrained=False, weights=None)
    check_weights(checkpoint["state_dict"], checkpoint_path)
    try:
        module = build_module(config)
    except Exception as error:
        if explain(error) is not None:
            raise
        raise CheckpointError(f"{checkpoint_path}: its settings do not build a network: {error}") from error
    try:
        module.load_state_dict(checkpoint["state_dict"])
    except RuntimeError as error:
        raise CheckpointError(f"{checkpoint_path}: its weights do not fit its configuration: {error}") from error
    return module.eval(), config
