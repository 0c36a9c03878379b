"""Generated images of plain colours, and a classifier's runners called in this process."""

import sys

import numpy as np
import torch
from PIL import Image

from runners import classify, experiments, pretrain
from tests.commands import typed

RUNNERS = {"pretrain": pretrain.main, "classify": classify.main, "experiments": experiments.main}
COLOURS = {"blue": (50, 60, 180), "red": (180, 60, 50), "white": (220, 220, 220)}
SMALL = (
    "preset=classify/battery_resnet18_512",
    "datasets.img_size=16",
    "datasets.num_workers=0",
    "datasets.classes=null",
    "models.network.name=plain_cnn",
    "models.network.pretrained=false",
    "models.optimizer.lr=0.003",
    "trainer.accelerator=cpu",
    "trainer.batch_size=8",
    "trainer.max_epochs=2",
    "experiment.log=null",
)


def write_images(root, splits, classes=("blue", "red"), side=20):
    """Writes `<split>/<class>/<class>_<number>.png`, noisy and of one colour, so many of each class."""
    rng = np.random.default_rng(0)
    for split, count in splits.items():
        for name in classes:
            folder = root / split / name
            folder.mkdir(parents=True)
            for number in range(count):
                noise = rng.normal(0, 40, (side, side, 3))
                pixels = np.clip(np.array(COLOURS[name]) + noise, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{name}_{split}_{number}.png")


def call(monkeypatch, runner, *arguments):
    """What `python runners/<runner>.py …` does, in this process and thread; the status it exits with."""
    monkeypatch.setattr(sys, "argv", [f"{runner}.py", *map(typed, arguments)])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        RUNNERS[runner]()
    except SystemExit as exit:
        return exit.code
    finally:
        torch.set_num_threads(threads)
    return 0
