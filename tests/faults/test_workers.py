"""A loader's worker that the system ends is told in one line, with a hint; the command ends with status 1."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.faults.runs import finish, said, start, start_command, wait_until, workers_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers by /proc")
PROBABLE = "datasets.num_workers; where /dev/shm is small, datasets.num_workers=0"


WAIT = 600.0  # seconds, for machines with other work


@pytest.fixture
def begin():
    """Starts commands, and ends those that a failed test leaves."""
    begun = []

    def begin(starter, *arguments):
        begun.append(starter(*arguments))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()


def kill_a_worker(process):
    assert wait_until(lambda: workers_of(process), process, WAIT)
    os.kill(workers_of(process)[0], signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["train", "pretrain"])
def test_a_training_whose_worker_is_killed_goes_on_by_the_command_that_it_tells(data, tmp_path, begin, runner):
    folder = tmp_path / "run"
    process = begin(start, runner, data[runner], folder, "trainer.max_epochs=2000", "datasets.num_workers=1")
    assert wait_until((folder / "checkpoints/last.ckpt").exists, process, WAIT)
    kill_a_worker(process)
    assert process.wait(WAIT) == 1
    assert "a worker that loads data was ended from outside (DataLoader worker (pid" in said(folder)
    assert PROBABLE in said(folder)
    assert f"hydra.run.dir={folder} resume=auto" in said(folder)
    assert "Traceback" not in said(folder)
    assert (folder / "checkpoints/last.ckpt").is_file()


@pytest.mark.slow
def test_a_prediction_whose_worker_is_killed_leaves_no_half_of_it(data, tmp_path, begin):
    finish("train", data["train"], tmp_path / "run", "trainer.max_epochs=1", "datasets.num_workers=0")
    images, output = tmp_path / "images", tmp_path / "predictions"
    images.mkdir()
    for number in range(3000):
        shutil.copy(data["train"] / "images/val/val_0.png", images / f"{number}.png")
    checkpoint = tmp_path / "run/checkpoints/best.ckpt"
    settings = (f"checkpoint_path={checkpoint}", f"images={images}", f"output={output}", "ledger=null")
    process = begin(start_command, "predict", output, *settings, "datasets.num_workers=1", "trainer.accelerator=cpu")
    kill_a_worker(process)
    assert process.wait(WAIT) == 1
    assert "a worker that loads data was ended from outside (DataLoader worker (pid" in said(output)
    assert PROBABLE in said(output)
    assert "Traceback" not in said(output)
    assert not (output / "submission.csv").exists()
