"""`runners/evaluate.py`: the scores that training logged, from the checkpoint alone."""

import json

import pytest
import torch
from omegaconf import OmegaConf

from runners.wiring.checkpoints import CheckpointError, read_checkpoint
from runners.wiring.detector import load_detector
from tests.commands import output, run

NOTHING = OmegaConf.create({"datasets": {}, "models": {}, "trainer": {}})


def test_the_scores_are_those_that_training_logged(training, tmp_path):
    result = run("evaluate", f"checkpoint_path={training.best}", "split=val", f"output={tmp_path / 'scores.json'}")
    assert result.returncode == 0, result.stdout + result.stderr
    scores = json.loads((tmp_path / "scores.json").read_text())
    logged = training.summary["best"]
    assert logged["val_hmean"] > 0
    for name in ("precision", "recall", "hmean"):
        assert scores["overall"]["cleval"][name] == pytest.approx(logged[f"val_{name}"], abs=1e-6)
        assert scores["overall"]["iou"][name] == pytest.approx(logged[f"val_iou_{name}"], abs=1e-6)
    assert list(scores["images"]) == ["val_0.png", "val_1.png", "val_2.png"]
    said = output(result)
    assert "Scores of 3 images" in said
    assert "Worst images" in said


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"expected a checkpoint at checkpoint_path=.*none\.ckpt, found no file"):
        read_checkpoint(tmp_path / "none.ckpt")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    (tmp_path / "broken.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"broken\.ckpt: expected a checkpoint, could not read it"):
        read_checkpoint(tmp_path / "broken.ckpt")


@pytest.mark.parametrize("content", [{"state_dict": {}}, [1, 2], {"config": {}}])
def test_a_checkpoint_of_another_project_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match=r"other\.ckpt: expected a checkpoint that training wrote"):
        read_checkpoint(tmp_path / "other.ckpt")


def test_a_checkpoint_that_would_build_something_else_is_refused(training, tmp_path):
    checkpoint = torch.load(training.best, weights_only=True)
    checkpoint["config"]["models"]["loss"]["negative_ratio"] = {"_target_": "os.system", "command": "true"}
    torch.save(checkpoint, tmp_path / "evil.ckpt")
    with pytest.raises(CheckpointError, match=r"only parts of this project in its settings, got _target_='os\.system'"):
        load_detector(tmp_path / "evil.ckpt", NOTHING)


def test_how_parts_are_built_is_not_the_checkpoints_to_say_and_young_settings_have_their_defaults(training, tmp_path):
    checkpoint = torch.load(training.best, weights_only=True)
    checkpoint["config"]["build"]["loss"] = {"_target_": "os.system", "command": "true"}
    del checkpoint["config"]["models"]["encoder"]["frozen_epochs"]
    checkpoint["config"]["models"]["head"]["box_thresh"] = 0.55
    torch.save(checkpoint, tmp_path / "older.ckpt")
    detector, config = load_detector(tmp_path / "older.ckpt", NOTHING)
    assert detector.postprocess.box_thresh == 0.55
    assert config.models.encoder.frozen_epochs == 0


def test_weights_that_do_not_fit_are_an_error(training, tmp_path):
    checkpoint = torch.load(training.best, weights_only=True)
    checkpoint["state_dict"].popitem()
    torch.save(checkpoint, tmp_path / "partial.ckpt")
    with pytest.raises(CheckpointError, match=r"partial\.ckpt: its weights do not fit its configuration"):
        load_detector(tmp_path / "partial.ckpt", NOTHING)


def test_settings_come_from_the_checkpoint_except_those_that_are_given(training):
    overrides = OmegaConf.create(
        {
            "datasets": {"root": None, "val": {"img_size": 96}},
            "models": {"head": {"thresh": None, "box_thresh": 0.7}},
            "trainer": {"batch_size": None},
        }
    )
    detector, config = load_detector(training.best, overrides)
    assert not detector.network.training
    assert (detector.postprocess.thresh, detector.postprocess.box_thresh) == (0.1, 0.7)
    assert (config.datasets.val.img_size, config.datasets.test.img_size, config.trainer.batch_size) == (96, 128, 2)
    assert config.models.encoder.pretrained is False


def test_the_averaged_weights_are_the_ones_loaded(training):
    checkpoint = torch.load(training.best, weights_only=True)
    weights = load_detector(training.best, NOTHING).detector.network.state_dict()
    assert all(torch.equal(value, checkpoint["state_dict"][f"detector.{name}"]) for name, value in weights.items())
    trained = checkpoint["current_model_state"]  # what the average is of
    name = "encoder.backbone.conv1.weight"
    assert not torch.equal(weights[name], trained[f"detector.{name}"])
