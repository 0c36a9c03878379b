"""A trained detector from its checkpoint, and the labelled images that it is measured on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch

from baseline_code.files.duplicates import file_sha256
from baseline_code.training.loading import count_workers
from ocr.annotations.labelled_images import LabelledImages, join_images, read_images
from ocr.annotations.layout import image_folder
from ocr.annotations.reading import read_annotations
from ocr.experiments.provenance import git_commit
from ocr.inference.origins import find_checkpoint
from ocr.inference.predictor import Predictor
from ocr.probability_maps import MapCache
from ocr.starts import brings_no_data, checkpoint_file
from ocr.transforms.tta_views import TTAViews
from runners.cli.settings import Settings
from runners.wiring.checkpoints import (
    CheckpointError,
    Overrides,
    calibrated_head,
    merge_settings,
    read_checkpoint,
)
from runners.wiring.kernels import use_matmul_precision
from runners.wiring.parts import build_letterbox, build_network, build_postprocess
from runners.wiring.trained import build_trained
from runners.wiring.typed import check_acts

SAMPLE = "data/sample"  # datasets.root where nobody chose one

log = logging.getLogger(__name__)


def split_root(settings: Settings, images: str) -> Path:
    """The folder of the data that a split is looked up in; the log says so where nobody chose it.

    Detectors that are named or exported bring no folder of their own.

    Args:
        settings: of the detector and the command.
        images: name of a split, or a path, for which that folder does not matter.
    """
    root = settings.datasets["root"]
    if root == SAMPLE and not Path(images).exists():
        log.info("%s: %s, generated receipts; yours: datasets.root=…", SAMPLE, images)
    return Path(root)


def read_labelled(settings: Settings, split: str, annotations: str | Path | None = None) -> LabelledImages:
    """The labelled images of a split, or those of a file, whose images lie in the split's folder.

    Raises:
        ocr.annotations.faults.AnnotationError: if labels are broken or images missing.
        ocr.annotations.fold_split.FoldSplitError: if the settings' split file does not fit the data.
    """
    folds = settings.datasets["folds"]
    if annotations is None:
        return read_images(split_root(settings, split), split, None if folds is None else Path(folds))
    folder = image_folder(Path(settings.datasets["root"]), split)
    return LabelledImages.in_folder(read_annotations(annotations).values(), folder)


def read_labelled_splits(settings: Settings, splits: str | Sequence[str]) -> tuple[LabelledImages, dict[str, str]]:
    """The labelled images of one split or of several, and each one's split by its file name.

    Raises:
        ocr.annotations.faults.AnnotationError: as `read_labelled`, or if two images have one name.
    """
    names = [splits] if isinstance(splits, str) else list(splits)
    images = [read_labelled(settings, name) for name in names]
    split_of = {file: name for name, one in zip(names, images, strict=True) for file in one.filenames}
    return join_images(images), split_of


class LoadedDetector(NamedTuple):
    """A detector for use, and the settings that it was built from."""

    detector: Predictor
    settings: Settings


def load_detector(
    checkpoint_path: str | Path, overrides: Overrides, split: Literal["val", "test"] = "test"
) -> LoadedDetector:
    """A trained detector from its checkpoint alone.

    Args:
        checkpoint_path: a checkpoint that training wrote.
        overrides: what replaces the checkpoint's settings; with `calibration`, the post-processing of that file comes
            between the two.
        split: as which images are seen: its size and batch size.

    Returns:
        The detector with the checkpoint's weights (the averaged ones, where it trained with an average), and the merged
        settings.

    Raises:
        CheckpointError: if the file is missing, no checkpoint of this project, or does not fit its own settings.
        ocr.calibration.CalibrationError: if the calibration cannot be used.
        ValueError: if an override is out of its range, or does nothing with the settings that result.
    """
    checkpoint = read_checkpoint(checkpoint_path)
    if "classes" in checkpoint:
        raise CheckpointError(f"{checkpoint_path}: expected a detector's checkpoint, got a classifier's")
    settings = merge_settings(checkpoint, checkpoint_path, "base", overrides, head=calibrated_head(overrides))
    check_acts(overrides, settings, checkpoint_path)
    untrained = {**settings.models["encoder"], "pretrained": False, "weights": None}
    settings = replace(settings, models={**settings.models, "weights": None, "encoder": untrained})
    network = build_trained(
        checkpoint_path, checkpoint["state_dict"], lambda: build_network(settings), prefix="detector."
    )
    if settings.models["channels_last"]:
        network = network.to(memory_format=torch.channels_last)
    if settings.models["compile"]:
        network.compile()
    use_matmul_precision(settings.trainer["float32_matmul_precision"])
    views = TTAViews(build_letterbox(settings, split), **overrides.tta)
    detector = Predictor(
        network,
        build_postprocess(settings),
        views,
        batch_size=settings.datasets[split]["batch_size"],
        num_workers=count_workers(settings.datasets["num_workers"]),
        precision=str(settings.trainer["precision"]),
        device=choose_device(settings.trainer["accelerator"]),
        source={
            **describe_source(checkpoint_path, settings, views),
            "shrink_ratio": checkpoint["config"].get("models", {}).get("head", {}).get("shrink_ratio"),
        },
        training_paths=lambda: None if brings_no_data(checkpoint_path) else _training_paths(settings),
    )
    return LoadedDetector(detector, settings)


def _training_paths(settings: Settings) -> list[Path]:
    from runners.wiring.training import build_datamodule  # here: who only predicts loads no losses and no label maps

    return build_datamodule(settings).training_paths


def describe_source(checkpoint_path: str | Path, settings: Settings, views: TTAViews) -> dict[str, Any]:
    """Where probability maps come from: whatever changes one, and for people the path and the commit."""
    return {
        "checkpoint": str(checkpoint_path),
        "checkpoint_sha256": file_sha256(checkpoint_file(checkpoint_path)),
        **asdict(views.base),
        "precision": str(settings.trainer["precision"]),
        "tta": views.settings,
        "commit": git_commit(),
    }


def load_settings(checkpoint_path: Path | None, overrides: Overrides) -> Settings:
    """The settings of a checkpoint, or the project's own, without its network.

    Args:
        checkpoint_path: whose settings; None: the defaults.
        overrides: as `load_detector` takes them: they and their calibration come on top.

    Raises:
        CheckpointError: if the checkpoint cannot be used.
        ocr.calibration.CalibrationError: if the calibration cannot be used.
        ValueError: if an override does nothing with the settings that result.
    """
    checkpoint: dict[str, Any] = {"config": {}} if checkpoint_path is None else read_checkpoint(checkpoint_path)
    head = calibrated_head(overrides)
    source = checkpoint_path or "base.yaml"
    settings = merge_settings(checkpoint, source, "base", overrides, head=head)
    check_acts(overrides, settings, source)
    return settings


def load_settings_of_maps(cache: MapCache, overrides: Overrides) -> Settings:
    """The settings that maps are read with: their checkpoint's; where it is not at hand the defaults, with a warning.

    Args:
        cache: of one detector, or of an ensemble, whose first member's checkpoint counts.
        overrides: as `load_settings` takes them.
    """
    checkpoint = find_checkpoint(cache)
    if checkpoint is None:
        log.warning("%s: its checkpoint is not at hand; the maps are read with the defaults", cache.folder)
    return load_settings(checkpoint, overrides)


def choose_device(accelerator: str) -> str:
    """The device that `trainer.accelerator` means here: `cpu`, `cuda` or `mps`.

    Raises:
        ValueError: if it is not there, or unknown.
    """
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if accelerator in ("auto", "gpu"):
        found = next((name for name in ("cuda", "mps") if here[name]), None)
        if found is None and accelerator == "gpu":
            raise ValueError("expected a GPU for trainer.accelerator=gpu, found none: take auto or cpu")
        return found or "cpu"
    if not here.get(accelerator, False):
        offered = ", ".join(["auto", *(name for name, is_here in here.items() if is_here)])
        raise ValueError(f"expected trainer.accelerator to be one of {offered} on this machine, got {accelerator}")
    return accelerator
