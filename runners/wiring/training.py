"""A detector's training: its parts from settings, and what a person should know before it starts."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytorch_lightning as pl
from pytorch_lightning.utilities import rank_zero_only

from baseline_code.files.duplicates import FileContent, match_contents
from baseline_code.files.names import find_file
from baseline_code.files.shown_text import listed
from ocr.annotations.leaks import check_no_leak
from ocr.data_report.brief import describe_briefly
from ocr.data_report.word_shapes import measure_words
from ocr.datasets.datamodule import DetectionDataModule
from ocr.datasets.word_counts import check_scorable
from ocr.lightning_modules import TextDetectionModule
from ocr.lightning_modules.watching import TrainBatches, WatchedImages
from ocr.models import TextDetector
from ocr.starts import brings_no_data
from ocr.starts.start import start_training_from
from ocr.transforms.geometric import Letterbox
from runners.cli.settings import Settings
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import SAMPLE, load_settings
from runners.wiring.parts import build_letterbox, build_network, build_part, build_postprocess

WATCHED = 4
"""Validation images that TensorBoard shows after each epoch."""

log = logging.getLogger(__name__)


def build_module(settings: Settings) -> TextDetectionModule:
    """The LightningModule of these settings, which it keeps for its checkpoints."""
    build, models = settings.build, settings.models
    return TextDetectionModule(
        detector=_build_detector(settings),
        loss=build_part(build["loss"], models["loss"]),
        postprocess=build_postprocess(settings),
        optimizer=build_part(build["optimizer"], models["optimizer"]),
        schedule=build_part(build["schedule"], models["schedule"]),
        channels_last=models["channels_last"],
        compile=models["compile"],
        config=settings.written,
    )


def _build_detector(settings: Settings) -> TextDetector:
    """The network of these settings, with random weights or those that `models.weights` or its encoder name."""
    weights, encoder_weights = settings.models["weights"], settings.models["encoder"]["weights"]
    if weights is None:
        return build_network(settings)
    if encoder_weights is not None:
        raise ValueError(f"expected one of models.weights={weights} and models.encoder.weights={encoder_weights}")
    detector = build_network(settings, pretrained=False)
    start_training_from(detector, weights)
    return detector


def build_datamodule(settings: Settings) -> DetectionDataModule:
    """The DataModule of these settings."""
    build, datasets = settings.build, settings.datasets
    pseudo = build_part(build["pseudo"], datasets["pseudo"], postprocess=build_postprocess(settings))
    transform = build_part(build["random_transform"], datasets["train"], padding=datasets["padding"])
    pixels = build_part(build["pixels"], datasets["train"])
    splits = {"train": build_part(build["split"], datasets["train"], transform=transform, pixels=pixels)}
    for name in ("val", "test"):
        splits[name] = build_part(build["split"], datasets[name], transform=build_letterbox(settings, name))
    shrink_ratio = settings.models["head"]["shrink_ratio"]
    datamodule: DetectionDataModule = build_part(
        build["datamodule"], datasets, seed=settings.seed, shrink_ratio=shrink_ratio, pseudo=pseudo, **splits
    )
    return datamodule


def training_paths(checkpoint_path: Path, overrides: Overrides) -> list[Path] | None:
    """The images that a checkpoint's detector learnt from: its training split or other folds, and pseudo-labelled ones.

    Returns:
        None for a detector that does not say: a named or exported one, or an ONNX file.

    Raises:
        ValueError, OSError: if its data, split file or maps are not there any more.
    """
    if brings_no_data(checkpoint_path):
        return None
    return build_datamodule(load_settings(checkpoint_path, overrides)).training_paths


def check_start(settings: Settings, datamodule: DetectionDataModule) -> None:
    """Refuses a training from a detector that has learnt from the images which the training validates on.

    Weights that do not say what they were trained on pass, and those whose images are not there any more.

    Args:
        settings: of the training.
        datamodule: of these settings, set up; with `allow_leak` all weights pass.

    Raises:
        ocr.annotations.leaks.LeakError: naming the images.
    """
    models = settings.models
    starts = {"models.weights": models["weights"], "models.encoder.weights": models["encoder"]["weights"]}
    for key, weights in starts.items():
        if weights is None or datamodule.allow_leak:
            continue
        check_no_leak(
            _known_training_paths(Path(weights), Overrides()) or (),
            datamodule.images(datamodule.val).paths,
            expected=f"validation images that {key}={weights} was not trained on",
            relation="trained on",
            hint="start from another detector, or set datasets.allow_leak=true where that is the point",
        )


def count_trained_on(checkpoints: Iterable[str | Path], images: Iterable[Path], overrides: Overrides) -> int:
    """How many images some checkpoint has learnt from, by their bytes; a warning says what their score is worth.

    Args:
        checkpoints: whose training images are looked up where the training had them, or else where the overrides do;
            one whose images are gone, or that does not say, counts none: a warning names it.
        images: that are scored; what is no file counts as new.
        overrides: of the command.
    """
    scored, seen, unknown = _contents(images), set[int](), list[str]()
    for checkpoint in checkpoints:
        trained = _known_training_paths(Path(checkpoint), Overrides(), overrides)
        if trained is None:
            unknown.append(str(checkpoint))
            continue
        matches = match_contents(scored, _contents(trained))
        seen |= {number for number, match in enumerate(matches) if match is not None}
    if unknown:
        log.warning(
            "cannot know what %s was trained on: the scores say nothing about new images where it has seen these",
            listed(unknown),
        )
    if seen:
        log.warning(
            "%d of these %d images were trained on: their scores say nothing about new images; take a split that "
            "did not train",
            len(seen),
            len(scored),
        )
    return len(seen)


def _contents(paths: Iterable[Path]) -> list[FileContent]:
    return [FileContent(file) for file in map(find_file, paths) if file.is_file()]


def _known_training_paths(checkpoint: Path, *places: Overrides) -> list[Path] | None:
    """The images that it learnt from, where the first of these overrides that finds them says; None where none does."""
    for overrides in places:
        with suppress(ValueError, OSError):
            return training_paths(checkpoint, overrides)
    return None


@rank_zero_only
def announce(settings: Settings) -> None:
    """Logs what a person may not expect of a training: data that nobody chose, and sizes that differ.

    Raises:
        ValueError: if the sample cannot be read, or a setting of the data does not hold.
    """
    train_size = settings.datasets["train"]["img_size"]
    if settings.datasets["root"] == SAMPLE:
        data = build_datamodule(settings)
        count = len(data.images(data.train).annotations)
        log.info("%s: %d generated receipts; yours: datasets.root=…", SAMPLE, count)
    val, test = (build_letterbox(settings, split) for split in ("val", "test"))
    if str(val) != str(Letterbox(train_size)):
        log.info(
            "trains at datasets.train.img_size=%s and validates at %s (datasets.val.img_size): early stopping and "
            "best.ckpt go by the scores there",
            train_size,
            val,
        )
    if val != test:
        log.warning("validates at %s (datasets.val), but predicts the test at %s (datasets.test)", val, test)


def watch(trainer: pl.Trainer, datamodule: DetectionDataModule, folder: Path) -> None:
    """Adds what shows people the first batches, the network and some validation images.

    Args:
        trainer: of the training.
        datamodule: set up.
        folder: of the run.
    """
    images = datamodule.images(datamodule.val).first(WATCHED if trainer.limit_val_batches else 0)
    watched = dict(zip(images.filenames, images.paths, strict=True))
    trainer.callbacks += [TrainBatches(folder / "train_batch.jpg"), WatchedImages(watched)]  # type: ignore[attr-defined]


def check_words(settings: Settings, datamodule: DetectionDataModule) -> None:
    """Log in three lines what a training is to learn from, and whether its validation is of that kind.

    Args:
        settings: of the training.
        datamodule: of these settings, set up.

    Raises:
        ValueError: if no word trains and no teacher labels images, or nothing is there to validate by.
    """
    counts = datamodule.count_training_words()
    split, size = datamodule.train.split, datamodule.train.transform.letterbox.img_size
    train, val = (
        measure_words(datamodule.images(split).annotations, datamodule.sizes(split))
        for split in (datamodule.train, datamodule.val)
    )
    lines = describe_briefly(train, val, counts, size, build_letterbox(settings, "val"))
    lines[-1] += f"; more by python runners/doctor.py datasets.root={datamodule.root}"
    for line in lines:
        rank_zero_only(log.info)("data: %s", line)
    if counts.trained == 0 and not datamodule.pseudo_labelled.annotations:
        raise ValueError(
            f"{datamodule.root}: expected words to learn from in the split {split!r}, got none: {counts} at a long "
            f"side of {size} px; check illegibility and the unit of the points, or take a larger "
            "datasets.train.img_size"
        )
    if settings.trainer["limit_val_batches"] != 0:
        check_scorable(datamodule.images(datamodule.val).annotations, datamodule.val.split)
