"""Trainings that are killed at random moments and go on are, in the end, the uninterrupted ones to the last bit."""

import json
import os
import random
import tempfile
import time
from pathlib import Path

import pytest

from baseline_code.training.checkpoint_io import check_whole
from tests.faults.runs import differing, finish, said, start, wait_until

EPOCHS = {"train": 24, "pretrain": 60}
AUTO = "resume=auto"
KILLS = os.environ.get("FAULT_KILLS")
"""How often each training is killed, where not as often as the rows say."""


@pytest.fixture
def elsewhere(tmp_path):
    """A folder on another file system than the temporary folder, where there is one."""
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=other) as folder:
        yield Path(folder)


def without_time(folder):
    epochs = json.loads((folder / "summary.json").read_text())["epochs"]
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in epochs]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["random", "while a checkpoint is written"])
@pytest.mark.parametrize(
    ("runner", "workers", "kills"),
    [("train", 0, 3), ("train", 1, 3), ("train", 2, 4), ("pretrain", 0, 3), ("pretrain", 2, 7)],
)
def test_a_training_survives_kill_9(data, elsewhere, runner, workers, kills, moment):
    """The checkpoints at each death are whole, and nothing is left over at the end."""
    kills = int(KILLS or kills)
    chance = random.Random(f"{runner} {workers} {moment}")
    settings = (f"trainer.max_epochs={EPOCHS[runner]}", f"datasets.num_workers={workers}")
    whole, killed = elsewhere / "whole", elsewhere / "killed"
    finish(runner, data[runner], whole, *settings)
    checkpoints = killed / "checkpoints"
    deaths = 0

    def version():
        return (checkpoints / "last.ckpt").stat().st_mtime_ns if (checkpoints / "last.ckpt").exists() else 0

    while deaths < kills:
        before = version()
        process = start(runner, data[runner], killed, *settings, AUTO)
        if not wait_until(lambda before=before: version() != before, process):
            assert process.returncode == 0, said(killed)
            break  # it ended by itself
        time.sleep(chance.uniform(0, 0.4))
        if moment != "random":
            wait_until(lambda: any(checkpoints.glob(".*.tmp")), process)
        process.kill()
        process.wait()
        deaths += 1
        for path in checkpoints.glob("*.ckpt"):
            check_whole(path)
    finish(runner, data[runner], killed, *settings, AUTO)
    assert differing(killed, whole) == []
    assert differing(killed, whole, "best") == []
    assert without_time(killed) == without_time(whole)
    assert sorted(path.name for path in checkpoints.iterdir()) == ["best.ckpt", "last.ckpt"]
    assert deaths >= min(2, kills)
