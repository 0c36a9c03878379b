"""A training that is ended from outside says so by its status, and how to go on."""

import json
import shlex
import signal
import time

import pytest

from tests.commands import output, run, typed
from tests.faults.runs import said, start, wait_until


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_the_status_of_an_interrupted_training_is_what_schedulers_expect(data, tmp_path, number, status):
    folder = tmp_path / "run"
    process = start("pretrain", data["pretrain"], folder, "trainer.max_epochs=500", "datasets.num_workers=1")
    assert wait_until((folder / "checkpoints/last.ckpt").exists, process)
    time.sleep(0.3)
    process.send_signal(number)
    assert process.wait(60) == status
    assert "go on by: python runners/pretrain.py preset=classify/battery_resnet18_512" in said(folder)
    assert f"{shlex.quote(typed(f'hydra.run.dir={folder}'))} resume=auto" in said(folder)
    assert "Traceback" not in said(folder)


def test_sigterm_before_anything_started_leaves_nothing(data, tmp_path):
    folder = tmp_path / "run"
    process = start("pretrain", data["pretrain"], folder, "trainer.max_epochs=500")
    assert wait_until((folder / ".training.lock").exists, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert not folder.exists() or (folder / ".hydra").exists()  # it may have started meanwhile


@pytest.mark.slow
def test_the_command_that_is_told_goes_on(data, tmp_path):
    """In a folder whose name has to be quoted."""
    folder = tmp_path / "a run (한글)"
    process = start(
        "pretrain", data["pretrain"], tmp_path / "unused", f"hydra.run.dir='{folder}'", "trainer.max_epochs=40"
    )
    assert wait_until((folder / "checkpoints/last.ckpt").exists, process)
    process.send_signal(signal.SIGTERM)
    if process.wait(60) == 0:
        pytest.skip("it was faster than the signal")
    told = (folder / "pretrain.log").read_text(encoding="utf-8").split("go on by: ")[1].splitlines()[0]
    _, script, *arguments = shlex.split(told)
    assert script == "runners/pretrain.py"
    ended = run("pretrain", *arguments, OMP_NUM_THREADS="1")
    assert ended.returncode == 0, output(ended)
    epochs = json.loads((folder / "summary.json").read_text())["epochs"]
    assert [epoch["epoch"] for epoch in epochs] == list(range(40))


@pytest.mark.slow
def test_two_trainings_in_one_folder_are_one_too_many(data, tmp_path):
    folder = tmp_path / "run"
    first = start("pretrain", data["pretrain"], folder, "trainer.max_epochs=500")
    try:
        assert wait_until((folder / ".training.lock").exists, first)
        second = start("pretrain", data["pretrain"], folder, "trainer.max_epochs=500", "resume=auto")
        assert second.wait(120) == 1
        assert "is being trained by another process: wait for it, or choose another hydra.run.dir" in said(folder)
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()
