"""A training's folder: claimed by one command, told to Hydra, and gone where nothing started."""

import logging
import os
import signal
from pathlib import Path

import pytest
from filelock import FileLock
from hydra.core.hydra_config import HydraConfig

from runners.cli.settings import plain
from runners.wiring import run_folder
from runners.wiring.run_folder import claimed_run, held, log_file, write_record
from tests.commands import hydra_running


@pytest.fixture
def command(monkeypatch):
    """Lets Hydra run a command in a folder, whose name was typed or not."""
    monkeypatch.setattr(run_folder, "_WAIT", 0.1)
    with hydra_running() as running:

        def start(folder, *, typed=False):
            place = f"hydra.run.dir={folder}"
            known = {"runtime": {"output_dir": str(folder)}, "overrides": {"hydra": [place] if typed else []}}
            return plain(running("train", place, hydra=known)[0])

        yield start


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_starts_keeps_its_settings_and_its_log(command, tmp_path):
    config = command(tmp_path / "run")
    with claimed_run() as folder:
        logging.getLogger("here").warning("the first line")
        write_record(folder, config)
    assert names(folder) == [".hydra", ".training.lock", "train.log"]
    assert names(folder / ".hydra") == ["config.yaml", "hydra.yaml", "overrides.yaml"]
    assert "[here][WARNING] - the first line" in (folder / "train.log").read_text()


def test_what_does_not_start_leaves_nothing(command, tmp_path):
    command(tmp_path / "run")

    def prepare():
        with claimed_run() as folder:
            logging.getLogger("here").warning("reading the settings")
            (folder / "samples.png").write_bytes(b"")
            raise ValueError("a typo")

    with pytest.raises(ValueError, match="a typo"):
        prepare()
    assert not (tmp_path / "run").exists()


def test_sigterm_in_the_moment_of_the_claim_leaves_nothing(command, tmp_path, monkeypatch):
    command(tmp_path / "run")
    acquire = run_folder._acquire

    def interrupted(folder, wait):
        lock = acquire(folder, wait)
        os.kill(os.getpid(), signal.SIGTERM)
        return lock

    monkeypatch.setattr(run_folder, "_acquire", interrupted)
    with pytest.raises(SystemExit) as ended, claimed_run():
        pytest.fail("it went on")
    assert ended.value.code == 143
    assert not (tmp_path / "run").exists()


def test_what_was_there_before_stays_as_it_was_where_a_command_is_refused(command, tmp_path):
    (tmp_path / "run/.hydra").mkdir(parents=True)
    (tmp_path / "run/.hydra/config.yaml").write_text("seed: 1")
    command(tmp_path / "run", typed=True)
    with pytest.raises(ValueError, match="holds a training"), claimed_run():
        raise ValueError("holds a training already")
    assert (tmp_path / "run/.hydra/config.yaml").read_text() == "seed: 1"
    assert names(tmp_path / "run/.hydra") == ["config.yaml"]


def test_an_error_of_a_training_is_in_its_log_and_a_name_that_nobody_typed_gives_way_to_it(command, tmp_path):
    config = command(tmp_path / "run")

    def fail():
        with claimed_run() as folder:
            write_record(folder, config)
            raise KeyError("broken")

    with pytest.raises(KeyError):
        fail()
    assert "Traceback" in (tmp_path / "run/train.log").read_text()
    command(tmp_path / "run")
    with claimed_run() as second:
        assert second.name == "run_2"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that is always full")
def test_a_full_disk_costs_lines_of_the_log_and_hides_no_error(command, tmp_path, capsys, monkeypatch):
    command(tmp_path)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of other tests
    (tmp_path / "train.log").symlink_to("/dev/full")

    def fail():
        with log_file(tmp_path):
            logging.getLogger("here").warning("a line")
            raise ValueError("its own error")

    with pytest.raises(ValueError, match="its own error"):
        fail()
    assert "Logging error" not in capsys.readouterr().err


def test_two_trainings_of_the_same_second_get_two_folders_and_hydra_knows_both(command, tmp_path):
    command(tmp_path / "12-00-00")
    with claimed_run() as first:
        command(tmp_path / "12-00-00")
        with claimed_run() as second:
            assert (first.name, second.name) == ("12-00-00", "12-00-00_2")
            assert Path(HydraConfig.get().run.dir) == second  # processes for further devices start there
            assert Path(HydraConfig.get().runtime.output_dir) == second


def test_a_folder_that_was_typed_is_refused_while_another_process_trains_there(command, tmp_path):
    (tmp_path / "run").mkdir()
    command(tmp_path / "run", typed=True)
    with (
        FileLock(tmp_path / "run/.training.lock", is_singleton=False),
        pytest.raises(ValueError, match=r"run is being trained by another process: wait for it, or choose another"),
        claimed_run(),
    ):
        pass


def test_a_second_machine_trains_in_the_folder_that_the_first_one_has_claimed(command, tmp_path, monkeypatch):
    command(tmp_path / "run", typed=True)
    with claimed_run(nodes=2) as first:
        monkeypatch.setenv("NODE_RANK", "1")
        with claimed_run(nodes=2) as second, held(second, nodes=2):
            assert second == first == tmp_path / "run"


def test_what_a_killed_training_left_half_written_is_removed(command, tmp_path):
    (tmp_path / "run/checkpoints").mkdir(parents=True)
    leftover = tmp_path / "run/checkpoints/.last.ckpt.4711.0a1b2c3d.tmp"
    leftover.write_bytes(b"half")
    command(tmp_path / "run", typed=True)
    with claimed_run():
        assert not leftover.exists()
    leftover.write_bytes(b"half")
    with held(tmp_path / "run"):  # as a fold is
        assert not leftover.exists()
