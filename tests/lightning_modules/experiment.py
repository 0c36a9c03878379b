"""A training in seconds: small images of dark words on white, the real configuration, the runners' own assembly."""

from typing import NamedTuple

import numpy as np
import pytorch_lightning as pl

from ocr.lightning_modules import TextDetectionModule
from runners.cli.settings import plain
from runners.wiring import fitting
from runners.wiring.callbacks import build_callbacks
from runners.wiring.checkpoints import Overrides
from runners.wiring.resuming import find_resume
from runners.wiring.trainers import build_loggers, build_trainer
from runners.wiring.training import build_datamodule, build_module
from tests.commands import as_settings, composed
from tests.small_data import block, save_split

SIZE = 64
SMALL = [
    "preset=mobilenetv3_fpn_640",  # with an average of the weights
    "models.encoder.pretrained=false",
    "models.decoder.inner_channels=16",
    "models.decoder.output_channels=8",
    "datasets.num_workers=0",
    f"datasets.img_size={SIZE}",
    "trainer.batch_size=2",
    "trainer.accelerator=cpu",
    "trainer.devices=1",
    "trainer.max_epochs=2",
    "trainer.log_every_n_steps=1",
]
UNCHANGED = {"scale": "[1.0,1.0]", "aspect": 1.0, "rotate": 0.0, "shift": 0.0} | dict.fromkeys(
    ("light", "colour", "shadow", "blur", "noise", "compression"), 0.0
)
TO_LEARN = [  # thirty steps, after which dark words are found
    *(f"datasets.train.{name}={value}" for name, value in UNCHANGED.items()),
    "models.ema.decay=0.8",
    "models.optimizer.lr=0.01",
    "models.schedule.name=constant",
    "models.schedule.warmup=0.0",
    "trainer.batch_size=4",
    "trainer.check_val_every_n_epoch=30",
    "trainer.max_epochs=30",
]


class Fit(NamedTuple):
    """A training that ended."""

    trainer: pl.Trainer
    module: TextDetectionModule


class Killed(Exception):
    """What ends a training from outside."""


class KillAt(pl.Callback):
    """Ends the training in the middle of an epoch, as a lost machine would."""

    def __init__(self, epoch, batch):
        self.at = (epoch, batch)

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if (trainer.current_epoch, batch_idx) == self.at:
            raise Killed


def write_split(root, split, words_by_image):
    """Writes white images with dark words.

    Args:
        root: folder of the data.
        split: name of the split.
        words_by_image: file name -> words, each (left, top, right, bottom), and as a fifth "ignored", or "invisible"
            where the label is there and the ink is not.
    """
    images, ignored = {}, set()
    for filename, words in words_by_image.items():
        image = np.full((SIZE, SIZE, 3), 255, np.uint8)
        for left, top, right, bottom in (word[:4] for word in words if "invisible" not in word):
            image[max(top, 0) : bottom, max(left, 0) : right] = 30
        polygons = [block(left, top, right - left, bottom - top) for left, top, right, bottom, *_ in words]
        images[filename] = (image, polygons)
        ignored |= {(filename, index) for index, word in enumerate(words) if "ignored" in word}
    save_split(root, split, images, ignored=ignored)


def two_words(index):
    """Two words that lie elsewhere in every image."""
    return [(4 + index, 6 + 2 * index, 40 + index, 18 + 2 * index), (8, 40 + index, 56 - index, 52 + index)]


def configured(root, *overrides):
    return as_settings(composed("train", *SMALL, f"datasets.root={root}", *overrides))


def overriding(*overrides):
    """What `evaluate` and `predict` change of a checkpoint's settings, as typed."""
    return Overrides.of(plain(composed("evaluate", "checkpoint_path=unused", *overrides), resolve=True))


def fit(settings, folder, *callbacks, resume=None, module=None):
    """Trains as `runners/train.py` does."""
    resumed = None if resume is None else find_resume(str(resume), folder)
    pl.seed_everything(settings.seed)
    module = module or build_module(settings)
    callbacks = [*build_callbacks(settings, folder), *callbacks]
    trainer = build_trainer(settings, folder, callbacks, build_loggers(settings.logger, folder))
    fitting.fit(settings, trainer, module, build_datamodule(settings), resumed)
    return Fit(trainer, module)
