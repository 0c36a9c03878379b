"""`runners/train.py` as users call it."""

import json
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.wiring.trainers import build_trainer
from runners.wiring.training import build_datamodule, build_module
from tests.commands import SMALL, output, run

PROMISED_COMMANDS = {
    "the first reference": ["preset=resnet50_unet_1024"],
    "the first reference, spelt out": [
        "preset=resnet50_unet_1024",
        "models.optimizer.lr=0.001",
        "models.head.box_thresh=0.4",
        "early_stopping.patience=3",
        "trainer.batch_size=4",
    ],
    "the second member of the ensemble": [
        "preset=hrnet_w44_1024",
        "models.optimizer.lr=0.001",
        "early_stopping.patience=3",
        "trainer.max_epochs=20",
    ],
}


def composed(*overrides):
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return compose("train", list(overrides))


@pytest.mark.parametrize("name", PROMISED_COMMANDS)
def test_the_promised_commands_compose(name):
    check_overrides(CONFIG_DIR, "train", PROMISED_COMMANDS[name])


def test_the_first_reference_is_as_published():
    config = composed("preset=resnet50_unet_1024")
    parts = (config.models.encoder.name, config.models.decoder.name, config.datasets.train.img_size)
    assert parts == ("resnet50", "unet", 1024)
    assert (config.models.optimizer.name, config.models.optimizer.lr, config.trainer.batch_size) == ("adamw", 0.001, 4)
    head = config.models.head
    assert (head.box_thresh, head.max_candidates, head.k, head.mode) == (0.4, 500, 50, "polygon")
    assert (config.early_stopping.monitor, config.early_stopping.mode, config.early_stopping.patience) == (
        "val_hmean",
        "max",
        3,
    )


def test_the_second_reference_is_as_published():
    config = composed("preset=hrnet_w44_fpn_1280")
    parts = (config.models.encoder.name, config.models.decoder.name, config.datasets.train.img_size)
    assert parts == ("hrnet_w44", "fpn", 1280)
    assert (config.models.optimizer.lr, config.trainer.batch_size) == (0.0005, 8)
    assert (config.models.head.box_thresh, config.models.head.max_candidates) == (0.5, 1000)
    assert (config.trainer.max_epochs, config.early_stopping.enabled) == (20, False)


def test_settings_of_the_head_reach_the_post_processing_and_the_labels():
    settings = ("thresh=0.21", "box_thresh=0.47", "max_candidates=77", "unclip=ratio", "unclip_ratio=1.9")
    rest = ("shrink_ratio=0.5", "mode=quad", "min_size=3.5", "epsilon=0.7", "k=20")
    config = composed(*SMALL, *(f"models.head.{setting}" for setting in (*settings, *rest)))
    module = build_module(config)
    post = module.postprocess
    assert (post.thresh, post.box_thresh, post.max_candidates, post.unclip, post.unclip_ratio) == (
        0.21,
        0.47,
        77,
        "ratio",
        1.9,
    )
    assert (post.shrink_ratio, post.mode, post.min_size, post.epsilon) == (0.5, "quad", 3.5, 0.7)
    assert build_datamodule(config).shrink_ratio == 0.5
    assert module.detector.head.k == 20


def test_settings_of_the_trainer_reach_lightning(tmp_path):
    settings = (
        "max_epochs=7",
        "accumulate_grad_batches=3",
        "precision=bf16-mixed",
        "gradient_clip_val=0.5",
        "devices=1",
    )
    config = composed("trainer.accelerator=cpu", *(f"trainer.{setting}" for setting in settings))
    trainer = build_trainer(config, [])
    assert (trainer.max_epochs, trainer.accumulate_grad_batches, trainer.gradient_clip_val) == (7, 3, 0.5)
    assert trainer.precision == "bf16-mixed"


def test_a_training_leaves_checkpoints_curve_settings_and_logs(training):
    written = {str(path.relative_to(training.folder)) for path in training.folder.rglob("*") if path.is_file()}
    expected = {
        "checkpoints/best.ckpt",
        "checkpoints/last.ckpt",
        "summary.json",
        ".hydra/config.yaml",
        "csv/version_0/metrics.csv",
    }
    assert expected <= written
    assert {path.name for path in training.folder.glob("checkpoints/*")} == {"best.ckpt", "last.ckpt"}
    assert any("tfevents" in name for name in written)


def test_a_training_learns_and_its_summary_names_the_best_epoch(training):
    epochs = training.summary["epochs"]
    assert [epoch["epoch"] for epoch in epochs] == list(range(14))
    assert epochs[-1]["train_loss"] < 0.9 * epochs[0]["train_loss"]
    best = max(epochs, key=lambda epoch: epoch["val_hmean"])
    assert training.summary["best"]["epoch"] == best["epoch"]
    assert best["val_hmean"] > 0
    assert training.summary["seed"] == 42
    assert Path(training.summary["checkpoints"]["best"]) == training.best


def test_people_are_told_the_settings_the_rate_and_the_scores(training):
    said = output(training.result)
    for words in ("models.optimizer.lr", "0.01", "Training summary", "lr ", "val_hmean", "best epoch"):
        assert words in said


def test_the_best_checkpoint_is_of_the_best_epoch(training):
    checkpoint = torch.load(training.best, weights_only=True)
    assert checkpoint["epoch"] == training.summary["best"]["epoch"]
    assert checkpoint["config"]["models"]["encoder"]["name"] == "resnet18"
    assert torch.load(training.last, weights_only=True)["epoch"] == 13


def test_a_folder_with_a_training_is_not_overwritten(training):
    before = training.last.stat().st_mtime_ns
    refused = run(*training.command)
    assert refused.returncode == 1
    assert "holds a training already: go on with it by resume=auto, or choose another hydra.run.dir" in output(refused)
    assert training.last.stat().st_mtime_ns == before


def test_resume_auto_goes_on_where_the_training_stopped(data, tmp_path):
    """Two trainings of three epochs, one stopped after two of them: the same third epoch, to the last digit."""
    common = (f"datasets.root={data}", *SMALL, "models.schedule.name=constant", "models.schedule.warmup=0")
    for folder, epochs in (("whole", 3), ("parts", 2), ("parts", 3)):
        result = run(
            "train", *common, f"hydra.run.dir={tmp_path / folder}", f"trainer.max_epochs={epochs}", "resume=auto"
        )
        assert result.returncode == 0, result.stdout + result.stderr
    whole, parts = (json.loads((tmp_path / name / "summary.json").read_text())["epochs"] for name in ("whole", "parts"))
    assert [epoch["epoch"] for epoch in parts] == [0, 1, 2]
    for ours, theirs in zip(whole, parts, strict=True):
        assert ours["train_loss"] == pytest.approx(theirs["train_loss"], abs=1e-6)
        assert ours["val_hmean"] == pytest.approx(theirs["val_hmean"], abs=1e-6)


def test_pretrained_weights_out_of_reach_stop_the_training_with_the_ways_on(data, tmp_path):
    arguments = (
        "preset=hrnet_w44_1024",
        f"datasets.root={data}",
        f"hydra.run.dir={tmp_path / 'run'}",
        "experiment.log=null",
    )
    stopped = run("train", *arguments, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "empty_cache"))
    assert stopped.returncode == 1
    said = output(stopped)
    assert "Traceback" not in said
    for way in ("models.encoder.weights=FILE", "models.encoder.name=", "models.encoder.pretrained=false"):
        assert way in said
    assert not list(tmp_path.glob("run/checkpoints/*"))


def test_the_first_preset_trains_as_it_stands_without_a_network_and_says_what_it_started_from(data, tmp_path):
    arguments = (
        "preset=resnet50_unet_1024",
        f"datasets.root={data}",
        f"hydra.run.dir={tmp_path / 'run'}",
        "experiment.log=null",
        "datasets.img_size=64",
        "datasets.num_workers=0",
        "trainer.max_epochs=1",
    )
    trained = run("train", *arguments, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "empty_cache"))
    said = output(trained)
    assert trained.returncode == 0, said
    assert "resnet50 starts from the weights in" in said
    assert "which are NOT ImageNet's" in said
    assert (tmp_path / "run/checkpoints/best.ckpt").is_file()


def test_a_typo_is_answered_with_the_nearest_key():
    refused = run("train", "models.optimzer.lr=1")
    assert refused.returncode == 2
    assert refused.stderr.startswith("unknown key models.optimzer.lr; nearest: models.optimizer.lr")


def test_a_missing_preset_prints_the_menu():
    refused = run("train", "preset=resnet9000")
    assert refused.returncode == 2
    menu = refused.stderr.splitlines()
    assert menu[0] == 'no preset "resnet9000"; the menu:'
    names = {file.stem for file in CONFIG_DIR.glob("preset/*.yaml")}
    assert {line.split()[0] for line in menu[1:]} == names


def test_a_resolved_configuration_holds_no_gap():
    assert OmegaConf.missing_keys(composed()) == set()
