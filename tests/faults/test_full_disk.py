"""On a full disk a training names the file, keeps its last whole checkpoint, and goes on where there is room."""

import os
import subprocess

import pytest
import torch

from baseline_code.training.checkpoint_io import check_whole
from tests.faults.runs import finish, said, start


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB: room for two checkpoints of a small classifier, not for a third."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = os.name == "posix" and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("may not mount a file system")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=False)


@pytest.mark.slow
def test_a_full_disk_costs_an_epoch_at_most(data, small_disk, tmp_path):
    folder = small_disk / "run"
    settings = ("trainer.max_epochs=6", "datasets.num_workers=0", "resume=auto")
    (tmp_path / "disk.out").touch()
    process = start("pretrain", data["pretrain"], folder, *settings)
    assert process.wait(120) == 1
    assert "could not be written (No space left on device)" in said(folder)
    assert "checkpoints/" in said(folder)
    assert "Traceback" not in said(folder)
    checkpoints = folder / "checkpoints"
    assert sorted(path.name for path in checkpoints.iterdir()) == ["best.ckpt", "last.ckpt"]
    for path in checkpoints.iterdir():
        check_whole(path)
    assert torch.load(checkpoints / "last.ckpt", weights_only=True)["epoch"] >= 0
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    finish("pretrain", data["pretrain"], folder, *settings)
    assert torch.load(checkpoints / "last.ckpt", weights_only=True)["epoch"] == 5
