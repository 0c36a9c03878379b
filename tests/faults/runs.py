"""Trainings as processes of their own, to be hurt from outside."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import torch

from tests.classifier_runs import SMALL as CLASSIFIER
from tests.commands import ROOT, typed

DETECTOR = (
    "preset=mobilenetv3_fpn_640",
    "datasets.img_size=64",
    "models.encoder.pretrained=false",
    "models.decoder.inner_channels=16",
    "models.decoder.output_channels=8",
    "trainer.accelerator=cpu",
    "trainer.batch_size=2",
    "early_stopping.enabled=false",
    "experiment.log=null",
)
CLASSIFIERS = tuple(setting for setting in CLASSIFIER if not setting.startswith("datasets.num_workers"))
SETTINGS = {
    "train": DETECTOR,
    "pretrain": (*CLASSIFIERS, "early_stopping.enabled=false", "datasets.train.rotate=20"),
}


def start(runner, data, folder, *arguments, **popen):
    """Starts a training of small images; what it says goes to `<folder>.out`."""
    settings = (*SETTINGS[runner], f"datasets.root={data}", f"hydra.run.dir={folder}")
    return start_command(runner, folder, *settings, *arguments, **popen)


def start_command(runner, folder, *arguments, **popen):
    """Starts any command; what it says goes to `<folder>.out`."""
    with Path(f"{folder}.out").open("a") as out:
        return subprocess.Popen(
            [sys.executable, f"runners/{runner}.py", *map(typed, arguments)],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=subprocess.STDOUT,
            **popen,
        )


def finish(runner, data, folder, *arguments):
    """Runs a training to its end, which must be a good one."""
    assert start(runner, data, folder, *arguments).wait(600) == 0, said(folder)


def workers_of(process):
    """The loader processes of a training, by their numbers."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may have ended meanwhile
            name, rest = status.read_text().split("(", 1)[1].rsplit(")", 1)
            if name.startswith("pt_data_w") and int(rest.split()[1]) == process.pid:
                found.append(int(status.parent.name))
    return found


def wait_until(condition, process, seconds=120.0):
    """Waits until something holds, or the process ended, which comes back as False."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline, f"{process.args}: nothing happened within {seconds} s"
        time.sleep(0.002)
    return True


def said(folder):
    return " ".join(Path(f"{folder}.out").read_text(errors="replace").split())


def weights(folder, name="last"):
    return torch.load(Path(folder) / f"checkpoints/{name}.ckpt", weights_only=True)["state_dict"]


def differing(first, second, name="last"):
    """The weights that two trainings do not have in common, to the last bit."""
    ours, theirs = weights(first, name), weights(second, name)
    assert ours.keys() == theirs.keys()
    return [key for key, weight in theirs.items() if not torch.equal(weight, ours[key])]
