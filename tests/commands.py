"""Runners as users call them, on a small data set with settings that take seconds."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import open_dict

from runners.cli.entry import CONFIG_DIR
from runners.cli.quoting import quoted
from runners.cli.settings import Settings, plain

ROOT = Path(__file__).resolve().parents[1]

SMALL = (
    "datasets.img_size=128",
    "datasets.num_workers=0",
    "models.encoder.name=resnet18",
    "models.encoder.pretrained=false",
    "models.decoder.inner_channels=16",
    "models.decoder.output_channels=16",
    "models.optimizer.lr=0.01",
    "trainer.accelerator=cpu",
    "trainer.batch_size=2",
    "trainer.max_epochs=14",
    "trainer.check_val_every_n_epoch=1",
    "early_stopping.enabled=false",
    "models.ema.enabled=true",
    "models.ema.decay=0.8",
    "models.head.thresh=0.1",
    "models.head.box_thresh=0.1",
    "experiment.log=null",
)


def typed(argument):
    """An argument as people have to type it: paths with spaces or letters of other scripts in quotes."""
    key, equals, value = str(argument).partition("=")
    if not equals:
        return str(argument)
    if value.startswith("[/") and not {"{", "'"} & set(value):
        return f"{key}=[{','.join(map(typed_path, value[1:-1].split(',')))}]"
    return f"{key}={typed_path(value)}" if value.startswith("/") else str(argument)


def typed_path(path):
    return path if re.fullmatch(r"[A-Za-z0-9_./-]+", path) else quoted(path)


def composed(command, *overrides):
    """The configuration of a command as it gets it for what was typed."""
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return compose(command, list(map(typed, overrides)))


@contextmanager
def hydra_running():
    """Gives what composes a command's configuration as in a running command: Hydra knows of the last one.

    What is given takes the command, its overrides, and `hydra=` for more of what Hydra keeps; it returns the
    configuration, and what Hydra keeps.
    """

    def start(command, *overrides, hydra=None):
        config = compose(command, list(map(typed, overrides)), return_hydra_config=True)
        with open_dict(config):
            config.hydra.job.update(name=command, config_name=command)
            config.hydra.mode = RunMode.RUN
            config.hydra.merge_with(hydra or {})
            HydraConfig.instance().set_config(config)
            return config, config.pop("hydra")

    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        yield start
    HydraConfig.instance().cfg = None


def as_settings(config):
    """What builds parts, of a composed configuration."""
    return Settings.of(plain(config))


def run(runner, *arguments, **environment):
    """`python runners/<runner>.py …` from the repository's root; text output, no check of the status."""
    command = [sys.executable, f"runners/{runner}.py", *map(typed, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=600
    )


def output(result):
    """All that a command said, with the line breaks of narrow terminals undone."""
    return " ".join((result.stdout + result.stderr).split())
