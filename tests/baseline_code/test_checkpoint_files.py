"""Checkpoints are written whole or not at all."""

import pytest
import torch

from baseline_code.checkpoint_files import CheckpointFiles


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    path = tmp_path / "new" / "best.ckpt"
    CheckpointFiles().save_checkpoint({"epoch": 3, "weights": {"a": torch.arange(5)}}, path)
    found = CheckpointFiles().load_checkpoint(path, weights_only=True)
    assert found["epoch"] == 3
    assert found["weights"]["a"].tolist() == [0, 1, 2, 3, 4]
    assert [file.name for file in path.parent.iterdir()] == ["best.ckpt"]


def test_the_old_one_stays_where_the_new_one_cannot_be_written(tmp_path):
    path = tmp_path / "last.ckpt"
    CheckpointFiles().save_checkpoint({"epoch": 1}, path)
    with pytest.raises(AttributeError, match="lambda"):
        CheckpointFiles().save_checkpoint({"epoch": lambda: 2}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"]


def test_storage_options_are_refused(tmp_path):
    with pytest.raises(TypeError, match="expected no storage_options for a local checkpoint, got"):
        CheckpointFiles().save_checkpoint({}, tmp_path / "a.ckpt", {"token": 1})
