"""Checkpoints are written whole or not at all, and damage is found before anything is trained on it."""

import resource
import tempfile
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from baseline_code.files.atomic import remove_leftovers
from baseline_code.training.checkpoint_io import DamagedFileError, check_whole, save_sealed
from baseline_code.training.lightning_io import AtomicCheckpointIO

CONTENT = {"state_dict": {"weight": torch.arange(5000.0)}, "epoch": 3, "config": {"lr": 0.001}}


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "checkpoints" / "last.ckpt"
    save_sealed(CONTENT, path)
    return path


@contextmanager
def no_file_over(size):
    """Limits the size of files, as a full disk does; lifted before pytest writes to its own log."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_sealed_file_is_one_that_torch_reads_and_a_zip_archive(checkpoint):
    check_whole(checkpoint)
    found = torch.load(checkpoint, weights_only=True)
    assert torch.equal(found["state_dict"]["weight"], CONTENT["state_dict"]["weight"])
    assert found["epoch"] == 3
    with zipfile.ZipFile(checkpoint) as archive:
        assert archive.testzip() is None
        assert archive.comment.startswith(b"sha256:")


def test_each_flipped_bit_is_found(checkpoint):
    """At 200 places all over the file, the seal itself included."""
    whole = checkpoint.read_bytes()
    for place in np.linspace(0, len(whole) - 1, 200).astype(int):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        checkpoint.write_bytes(damaged)
        with pytest.raises(DamagedFileError):
            check_whole(checkpoint)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.99, 1.0])
def test_a_cut_file_and_a_text_are_found(checkpoint, fraction):
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: min(len(whole) - 1, int(fraction * len(whole)))])
    with pytest.raises(DamagedFileError):
        check_whole(checkpoint)
    checkpoint.write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(DamagedFileError, match="it is cut, or no checkpoint"):
        check_whole(checkpoint)


def test_a_file_without_a_seal_is_checked_by_its_archive(tmp_path):
    path = tmp_path / "elsewhere.ckpt"
    torch.save(CONTENT, path)
    check_whole(path)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 4
    path.write_bytes(damaged)
    with pytest.raises(DamagedFileError, match="does not match its checksum"):
        check_whole(path)


def test_the_temporary_folder_is_never_used(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    AtomicCheckpointIO().save_checkpoint(CONTENT, tmp_path / "last.ckpt")
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]


def test_on_a_full_disk_the_earlier_checkpoint_stays_and_the_message_names_it(checkpoint):
    before = checkpoint.read_bytes()
    expected = r"could not be written \(File too large\).*checkpoints/last\.ckpt"
    with no_file_over(10_000), pytest.raises(OSError, match=expected):
        AtomicCheckpointIO().save_checkpoint(CONTENT, checkpoint)
    assert checkpoint.read_bytes() == before
    assert [path.name for path in checkpoint.parent.iterdir()] == ["last.ckpt"]


def test_what_a_killed_process_left_is_removed_and_nothing_else(checkpoint):
    (checkpoint.parent / ".last.ckpt.4711.0a1b2c3d.tmp").write_bytes(b"half")
    (checkpoint.parent / ".mine.tmp").write_text("of somebody else")
    remove_leftovers(checkpoint.parent)
    assert sorted(path.name for path in checkpoint.parent.iterdir()) == [".mine.tmp", "last.ckpt"]
