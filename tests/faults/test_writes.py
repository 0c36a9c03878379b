"""A process that is killed at any moment of a write leaves the old file or the new one, whole."""

import os
import signal

import pytest
import torch

from baseline_code.files.atomic import remove_leftovers
from baseline_code.training.checkpoint_io import check_whole, save_sealed

MOMENTS = ("open", "half written", "fsync", "synced", "replace", "replaced")


def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(moment, path, content):
    """Writes in a child process that kills itself; True where it came to that."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    fsync, replace, opened = os.fsync, type(path).replace, type(path).open
    if moment == "open":
        type(path).open = lambda self, *mode: (opened(self, *mode), kill())
    elif moment == "half written":

        def half(self, *mode):
            file = opened(self, *mode)
            file.write(b"PK half")
            file.flush()
            kill()

        type(path).open = half
    elif moment == "fsync":
        os.fsync = kill
    elif moment == "synced":
        os.fsync = lambda file: (fsync(file), kill())
    elif moment == "replace":
        type(path).replace = kill
    else:
        type(path).replace = lambda self, target: (replace(self, target), kill())
    save_sealed(content, path)
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that share memory")
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_old_checkpoint_or_the_new_one_is_there_whole(tmp_path, moment):
    path = tmp_path / "last.ckpt"
    save_sealed({"epoch": 1, "weight": torch.ones(1000)}, path)
    assert killed_at(moment, path, {"epoch": 2, "weight": torch.ones(1000)})
    check_whole(path)
    assert torch.load(path, weights_only=True)["epoch"] == (2 if moment == "replaced" else 1)
    remove_leftovers(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"]
