"""What the machine does to a command is told in one line: what happened, which setting helps, how to go on."""

import errno
import os
import re

import pytest

from baseline_code.classifier.lightning_module import ClassificationModule
from runners.cli.command_line import UsageError, check_run_folder
from runners.cli.entry import explain
from tests.classifier_runs import SMALL, call, write_images

LESS = "datasets.num_workers"
FAULTS = [
    (MemoryError(), LESS),
    (
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried to …"
        ),
        LESS,
    ),
    (RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79 GiB"), LESS),
    (RuntimeError("DataLoader worker (pid 77) is killed by signal: Killed. "), LESS),
    (OSError(errno.ENOSPC, "No space left on device"), "the disk is full (No space left on device): make room"),
]


@pytest.mark.parametrize(("fault", "helps"), FAULTS, ids=[str(fault)[:20] or "MemoryError" for fault, _ in FAULTS])
def test_a_training_says_what_helps_and_how_it_goes_on(tmp_path, monkeypatch, capsys, fault, helps):
    write_images(tmp_path / "images", {"train": 8, "val": 4})
    step = ClassificationModule.training_step

    def fail(self, *arguments):
        if self.current_epoch == 1:
            raise fault
        return step(self, *arguments)

    monkeypatch.setattr(ClassificationModule, "training_step", fail)
    run = tmp_path / "run"
    assert call(monkeypatch, "pretrain", *SMALL, f"datasets.root={tmp_path / 'images'}", f"hydra.run.dir={run}") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "interrupted in epoch 2 of 2; go on by: python" in said
    assert re.search(rf"hydra.run.dir=\S*{re.escape(str(run))}\S* resume=auto", said)
    assert helps in said
    assert "Traceback" not in said


def test_a_fault_of_the_program_keeps_its_traceback_and_gives_no_hint(tmp_path, monkeypatch, capsys):
    write_images(tmp_path / "images", {"train": 8, "val": 4})

    def fail(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(ClassificationModule, "training_step", fail)
    settings = (*SMALL, f"datasets.root={tmp_path / 'images'}", f"hydra.run.dir={tmp_path / 'run'}")
    assert call(monkeypatch, "pretrain", *settings) == 1
    captured = capsys.readouterr()
    assert "go on by" not in captured.out
    assert "mat1 and mat2" in captured.err


@pytest.mark.parametrize(
    ("number", "told"), [(errno.EROFS, True), (errno.EACCES, True), (errno.ENOSPC, True), (errno.ENOENT, False)]
)
def test_a_folder_that_cannot_be_written_to_is_named_with_the_setting(number, told):
    said = explain(OSError(number, os.strerror(number), "/data/x"))
    assert said.startswith(f"/data/x: {os.strerror(number)}")
    assert ("hydra.run.dir=… of a training, output=… of other commands" in said) == told


@pytest.mark.parametrize("override", ["hydra.run.dir={0}/run", "hydra.sweep.dir='{0}/a b/${{now:%H}}'"])
def test_a_training_wants_a_folder_where_no_file_is(tmp_path, override):
    (tmp_path / "file").touch()
    key = override.partition("=")[0]
    with pytest.raises(UsageError, match=rf"/file: expected a folder for the training, got a file; .* {key}=FOLDER"):
        check_run_folder([override.format(tmp_path / "file")])


def test_a_training_wants_a_folder_that_may_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for a read-only file system, also for root
    with pytest.raises(UsageError, match=r"may not be written to; choose another by hydra\.run\.dir="):
        check_run_folder([f"hydra.run.dir={tmp_path}/new/run"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"hydra\.run\.dir=FOLDER"):
        check_run_folder(["preset=quickstart"])


def test_a_number_among_the_variants_is_named(monkeypatch, capsys):
    assert call(monkeypatch, "pretrain", "preset=classify/battery_resnet18_512", "variant=[1]") == 2
    said = capsys.readouterr().err
    assert "expected variant to be one or a list of 128px, augmented, cosine, none, got 1 in variant=[1]" in said
