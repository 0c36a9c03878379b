"""From settings to the parts of a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.classifier.lightning_module import ClassificationModule
from baseline_code.datasets import ClassificationDataModule
from runners.cli.entry import explain
from runners.cli.settings import plain
from runners.wiring.checkpoints import CheckpointError, check_weights, merge_settings, read_checkpoint
from runners.wiring.parts import build_part


def build_datamodule(config: DictConfig) -> ClassificationDataModule:
    """The DataModule of a configuration.

    Raises:
        ValueError: if there is no such source, naming those that there are, or a setting is out of its range.
    """
    sources = config.build.sources
    name = config.datasets.source
    if name not in sources:
        raise ValueError(f"expected datasets.source to be one of {', '.join(map(str, sources))}, got {name!r}")
    source = build_part(sources[name], config.datasets)
    if config.datasets.resplit is not None:
        if name == "text_patches":
            raise ValueError(
                "expected datasets.resplit=null for datasets.source=text_patches, got "
                f"{config.datasets.resplit}: patches of one receipt would come into both parts"
            )
        source = build_part(config.build.resplit, config.datasets)(source=source)
    datamodule: ClassificationDataModule = build_part(
        config.build.datamodule,
        config.datasets,
        augmentation=build_part(config.build.augmentation, config.datasets.train),
        batch_size=config.trainer.batch_size,
        seed=config.seed,
    )(source=source)
    return datamodule


def build_module(
    config: DictConfig, classes: Sequence[str], class_weights: Sequence[float] | None = None
) -> ClassificationModule:
    """The LightningModule of a configuration, which it keeps for its checkpoints.

    Args:
        config: the settings.
        classes: names, in the order of the labels.
        class_weights: in the training loss, or None.

    Raises:
        ValueError: if one output is asked for and there are not two classes.
    """
    build, models, settings = config.build, config.models, config.models.network
    if settings.single_output and len(classes) != 2:
        raise ValueError(
            f"expected two classes for models.network.single_output=true, got {len(classes)}: {', '.join(classes)}"
        )
    network = build_part(build.network, settings, img_size=config.datasets.img_size)(
        num_outputs=1 if settings.single_output else len(classes)
    )
    return ClassificationModule(
        network,
        classes,
        build_part(build.optimizer, models.optimizer),
        build_part(build.schedule, models.schedule),
        mean=config.datasets.mean,
        std=config.datasets.std,
        label_smoothing=models.label_smoothing,
        mixup=models.mixup,
        class_weights=class_weights,
        seed=config.seed,
        channels_last=models.channels_last,
        compile=models.compile,
        config=plain(config),
    )


def load_module(checkpoint_path: str | Path, overrides: DictConfig) -> tuple[ClassificationModule, DictConfig]:
    """A trained classifier and its configuration, from its checkpoint alone.

    Args:
        checkpoint_path: a checkpoint that training wrote.
        overrides: settings whose `datasets`, `models` and `trainer` replace the checkpoint's where they are not null.

    Returns:
        The module with the checkpoint's weights (the averaged ones, where it trained with an average), in evaluation
        mode, and the merged configuration.

    Raises:
        CheckpointError: if the file is missing, no checkpoint of a classifier, or does not fit its own configuration.
    """
    checkpoint = read_checkpoint(checkpoint_path)
    if "classes" not in checkpoint:
        raise CheckpointError(f"{checkpoint_path}: expected a classifier's checkpoint, got a detector's")
    config = merge_settings(checkpoint, checkpoint_path, "classification", overrides)
    config.models.network.update(pretrained=False, weights=None)
    check_weights(checkpoint["state_dict"], checkpoint_path)
    try:
        module = build_module(config, checkpoint["classes"])
    except Exception as error:
        if explain(error) is not None:
            raise
        raise CheckpointError(f"{checkpoint_path}: its settings do not build a network: {error}") from error
    try:
        module.load_state_dict(checkpoint["state_dict"])
    except RuntimeError as error:
        raise CheckpointError(f"{checkpoint_path}: its weights do not fit its configuration: {error}") from error
    return module.eval(), config
