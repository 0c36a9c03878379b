"""One small training and its predictions, which all tests of the runners share."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.commands import SMALL, run
from tests.small_data import random_split

PREDICTING = ("overlays=true", "ledger=null")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six images to train on, three each to validate and test on: of 700 px: a CSV loses little by whole pixels."""
    root = tmp_path_factory.mktemp("data")
    for seed, (split, count) in enumerate({"train": 6, "val": 3, "test": 3}.items()):
        random_split(root, split, count, seed=seed, enlarged=6)
    return root


@pytest.fixture(scope="session")
def training(data: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A training with averaged weights: its command, folder, best and last checkpoint, summary and output."""
    folder = tmp_path_factory.mktemp("run") / "small"
    command = ("train", f"datasets.root={data}", f"hydra.run.dir={folder}", *SMALL)
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr
    checkpoints = folder / "checkpoints"
    summary = json.loads((folder / "summary.json").read_text())
    return SimpleNamespace(
        command=command,
        folder=folder,
        best=checkpoints / "best.ckpt",
        last=checkpoints / "last.ckpt",
        summary=summary,
        result=result,
    )


@pytest.fixture(scope="session")
def predicted(data: Path, training: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions for the validation split, with overlays."""
    folder = tmp_path_factory.mktemp("predictions") / "val"
    result = run("predict", f"checkpoint_path={training.best}", "images=val", f"output={folder}", *PREDICTING)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="session")
def mixed(data: Path, training: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Predictions for a folder with a truncated JPEG, and the same image upright and stored on its side."""
    images = tmp_path_factory.mktemp("mixed")
    pixels = np.asarray(Image.open(data / "images/val/val_0.png"))
    Image.fromarray(pixels).save(images / "upright.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn 90 degrees clockwise to display": stored turned counter-clockwise
    Image.fromarray(np.ascontiguousarray(np.rot90(pixels))).save(images / "on_its_side.png", exif=exif)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG")
    (images / "broken.jpg").write_bytes(stream.getvalue()[: len(stream.getvalue()) // 2])
    output = tmp_path_factory.mktemp("predictions") / "mixed"
    result = run("predict", f"checkpoint_path={training.best}", f"images={images}", f"output={output}", *PREDICTING)
    return SimpleNamespace(images=images, output=output, result=result, size=pixels.shape[1::-1])
