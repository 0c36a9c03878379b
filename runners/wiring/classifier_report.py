"""What a classifier's training leaves for people beside its curves: samples, the model graph, the test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import Logger
from rich.console import Console
from rich.table import Table

from baseline_code.classifier.lightning_module import ClassificationModule
from baseline_code.classifier.predictions import LabelledPredictions
from baseline_code.classifier.sheets import Tile, draw_confusion, draw_sheet
from baseline_code.datasets import ClassificationDataModule, LabelledImages
from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.json_file import read_json_object, write_json
from baseline_code.images.encoding import encode_png
from baseline_code.images.reading import Pixels
from baseline_code.training.tensorboard import log_graph, log_image
from runners.cli.settings import Group
from runners.wiring.checkpoints import read_checkpoint
from runners.wiring.trainers import build_inference_trainer


def show_samples(datamodule: ClassificationDataModule, folder: Path, loggers: list[Logger], count: int) -> None:
    """Writes `samples.png`: training images as the network gets them, with their classes.

    Args:
        datamodule: set up.
        folder: of the run.
        loggers: TensorBoard shows the sheet too.
        count: at most so many images, of the first batch.
    """
    dataset = datamodule.train_dataloader()
    keys = [key for key, _ in zip(dataset.sampler, range(count), strict=False)]
    samples = [dataset.dataset[key] for key in keys]
    tiles = [Tile(sample.image, datamodule.classes[sample.label]) for sample in samples]
    _show("samples", draw_sheet(tiles, empty="no samples"), folder, loggers)


def show_graph(module: ClassificationModule, img_size: int, loggers: list[Logger]) -> None:
    """Draws the network for TensorBoard's GRAPHS tab, where it can be traced."""
    log_graph(loggers, module.network, torch.zeros(1, 3, img_size, img_size, device=module.device))


def test_best(
    trainer: pl.Trainer, module: ClassificationModule, datamodule: ClassificationDataModule, inference: Group
) -> dict[str, float]:
    """Tests the best checkpoint of a training, in one process.

    The module then holds that checkpoint's weights and the predictions (`tested`). The training's loggers
    get the scores.

    Args:
        trainer: of the training that ended.
        module: trained.
        datamodule: of the training.
        inference: the settings of `trainer`, of which accelerator and precision are read.

    Returns:
        `test_loss` and the scores; nothing where there is no test split, or no checkpoint was written.
    """
    best = getattr(trainer.checkpoint_callback, "best_model_path", "")
    if datamodule.test is None or not best or not trainer.is_global_zero:
        return {}
    module.load_state_dict(read_checkpoint(best)["state_dict"])
    datamodule.trainer = None  # or it would assign the images among the processes of the training
    tester = build_inference_trainer(inference)
    tester.test(module, datamodule.test_dataloader(), verbose=False)
    scores = {name: float(value) for name, value in tester.callback_metrics.items() if name.startswith("test_")}
    for logger in trainer.loggers:
        logger.log_metrics(scores, trainer.global_step)
        logger.save()
    return scores


def print_test(scores: Mapping[str, float], folder: Path) -> None:
    """Prints the scores of the test, and where its images are."""
    table = Table(title="Test of checkpoints/best.ckpt", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in scores.items():
        table.add_row(name, f"{value:.4f}")
    table.add_row("images", f"{folder}/confusion.png, misclassified.png")
    Console().print(table)


def show_test(
    module: ClassificationModule, test: LabelledImages, folder: Path, loggers: list[Logger], count: int
) -> None:
    """Writes `confusion.png` and `misclassified.png`, the most confident mistakes first, of the last test.

    Args:
        module: tested.
        test: the split.
        folder: of the run.
        loggers: TensorBoard shows the images too.
        count: at most so many misclassified images.
    """
    tested = module.tested
    _show("confusion", draw_confusion(tested, module.classes), folder, loggers)
    mistakes = [_mistake(tested, test, module.classes, index) for index in tested.worst(count).tolist()]
    _show("misclassified", draw_sheet(mistakes, empty="no image was misclassified"), folder, loggers)


def add_to_summary(folder: Path, facts: Mapping[str, Any]) -> None:
    """Adds facts to the run's `summary.json`."""
    path = folder / "summary.json"
    summary = read_json_object(path, "the summary of a run")
    write_json(path, {**summary, **facts})


def _mistake(tested: LabelledPredictions, test: LabelledImages, classes: tuple[str, ...], index: int) -> Tile:
    predicted = int(tested.predicted[index])
    taken = f"> {classes[predicted]} {tested.probabilities[index, predicted]:.2f}"
    return Tile(test.read(index), classes[int(tested.labels[index])], taken)


def _show(name: str, image: Pixels, folder: Path, loggers: list[Logger]) -> None:
    write_bytes_atomic(folder / f"{name}.png", encode_png(image))
    log_image(loggers, name, image, 0)
