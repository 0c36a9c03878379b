"""From settings to the parts of a classifier."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from baseline_code.classifier.lightning_module import ClassificationModule
from baseline_code.datasets import ClassificationDataModule
from runners.cli.settings import Settings
from runners.wiring.checkpoints import CheckpointError, Overrides, merge_settings, read_checkpoint
from runners.wiring.parts import build_part
from runners.wiring.trained import build_trained

log = logging.getLogger(__name__)


def build_datamodule(settings: Settings) -> ClassificationDataModule:
    """The DataModule of these settings.

    Raises:
        ValueError: if there is no such source, naming those that there are, or a setting is out of its range.
    """
    build, datasets = settings.build, settings.datasets
    sources, name, resplit = build["sources"], datasets["source"], datasets["resplit"]
    if name not in sources:
        raise ValueError(f"expected datasets.source to be one of {', '.join(map(str, sources))}, got {name!r}")
    source = build_part(sources[name], datasets)
    if resplit is not None:
        if name == "text_patches":
            raise ValueError(
                "expected datasets.resplit=null for datasets.source=text_patches, got "
                f"{resplit}: patches of one receipt would come into both splits"
            )
        source = build_part(build["resplit"], datasets)(source=source)
    elif datasets["patient"] is not None:
        log.warning(
            "datasets.patient is read with datasets.resplit only: one patient may be in two splits; "
            "datasets.resplit=0.2 divides training and validation split by patient"
        )
    datamodule: ClassificationDataModule = build_part(
        build["datamodule"],
        datasets,
        augmentation=build_part(build["augmentation"], datasets["train"]),
        batch_size=settings.trainer["batch_size"],
        seed=settings.seed,
    )(source=source)
    return datamodule


def build_module(
    settings: Settings, classes: Sequence[str], class_weights: Sequence[float] | None = None
) -> ClassificationModule:
    """The LightningModule of these settings, which it keeps for its checkpoints.

    Args:
        settings: of a classifier.
        classes: names, in the order of the labels.
        class_weights: in the training loss, or None.

    Raises:
        ValueError: if one output is asked for and there are not two classes.
    """
    build, datasets, models = settings.build, settings.datasets, settings.models
    single_output = models["network"]["single_output"]
    if single_output and len(classes) != 2:
        raise ValueError(
            f"expected two classes for models.network.single_output=true, got {len(classes)}: {', '.join(classes)}"
        )
    network = build_part(build["network"], models["network"], img_size=datasets["img_size"])(
        num_outputs=1 if single_output else len(classes)
    )
    return ClassificationModule(
        network,
        classes,
        build_part(build["optimizer"], models["optimizer"]),
        build_part(build["schedule"], models["schedule"]),
        mean=datasets["mean"],
        std=datasets["std"],
        label_smoothing=models["label_smoothing"],
        mixup=models["mixup"],
        class_weights=class_weights,
        seed=settings.seed,
        channels_last=models["channels_last"],
        compile=models["compile"],
        config=settings.written,
    )


def load_module(checkpoint_path: str | Path, overrides: Overrides) -> tuple[ClassificationModule, Settings]:
    """A trained classifier and its settings, from its checkpoint alone.

    Args:
        checkpoint_path: a checkpoint that training wrote.
        overrides: what replaces the checkpoint's settings.

    Returns:
        The module with the checkpoint's weights (the averaged ones, where it trained with an average), in evaluation
        mode, and the merged settings.

    Raises:
        CheckpointError: if the file is missing, no checkpoint of a classifier, or does not fit its own configuration.
    """
    checkpoint = read_checkpoint(checkpoint_path)
    if "classes" not in checkpoint:
        raise CheckpointError(f"{checkpoint_path}: expected a classifier's checkpoint, got a detector's")
    settings = merge_settings(checkpoint, checkpoint_path, "classification", overrides)
    untrained = {**settings.models["network"], "pretrained": False, "weights": None}
    settings = replace(settings, models={**settings.models, "network": untrained})
    module = build_trained(
        checkpoint_path, checkpoint["state_dict"], lambda: build_module(settings, checkpoint["classes"])
    )
    return module, settings
