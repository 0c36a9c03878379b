"""`runners/train.py` as users call it."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from baseline_code.files.duplicates import file_sha256
from runners.wiring.trainers import build_inference_trainer, build_trainer
from runners.wiring.training import build_datamodule, build_module
from tests.commands import SMALL, as_settings, composed, output, run


def test_the_reference_experiments_are_as_published():
    config = composed("train", "preset=resnet50_unet_1024")
    parts = (config.models.encoder.name, config.models.decoder.name, config.datasets.train.img_size)
    assert parts == ("resnet50", "unet", 1024)
    assert (config.models.optimizer.name, config.models.optimizer.lr, config.trainer.batch_size) == ("adamw", 0.001, 4)
    head, stopping = config.models.head, config.early_stopping
    assert (head.box_thresh, head.max_candidates, head.k, head.mode) == (0.4, 500, 50, "polygon")
    assert (stopping.monitor, stopping.mode, stopping.patience) == ("val_hmean", "max", 3)
    config = composed("train", "preset=hrnet_w44_fpn_1280")
    parts = (config.models.encoder.name, config.models.decoder.name, config.datasets.train.img_size)
    assert parts == ("hrnet_w44", "fpn", 1280)
    assert (config.models.optimizer.lr, config.trainer.batch_size) == (0.0005, 8)
    assert (config.models.head.box_thresh, config.models.head.max_candidates) == (0.5, 1000)
    assert (config.trainer.max_epochs, config.early_stopping.enabled) == (20, False)


def test_settings_of_the_head_reach_the_post_processing_and_the_labels():
    numbers = {"thresh": 0.21, "box_thresh": 0.47, "max_candidates": 77, "unclip": "ratio", "unclip_ratio": 1.9}
    numbers |= {"shrink_ratio": 0.5, "mode": "quad", "min_size": 3.5, "epsilon": 0.7}
    typed = (f"models.head.{name}={value}" for name, value in numbers.items())
    config = composed("train", *SMALL, *typed, "models.head.k=20")
    module = build_module(as_settings(config))
    assert {name: getattr(module.postprocess, name) for name in numbers} == numbers
    assert build_datamodule(as_settings(config)).shrink_ratio == 0.5
    assert module.detector.head.k == 20


def test_settings_of_the_trainer_reach_lightning(tmp_path):
    numbers = {"max_epochs": 7, "accumulate_grad_batches": 3, "precision": "bf16-mixed", "gradient_clip_val": 0.5}
    typed = (f"trainer.{name}={value}" for name, value in numbers.items())
    config = composed("train", "trainer.accelerator=cpu", "trainer.devices=1", *typed)
    trainer = build_trainer(as_settings(config), tmp_path, [])
    assert {name: getattr(trainer, name) for name in numbers} == numbers


@pytest.mark.parametrize("strategy", ["fsdp", "deepspeed_stage_2"])
def test_a_strategy_that_divides_the_network_is_refused_before_the_first_batch(strategy, tmp_path):
    config = composed("train", "trainer.accelerator=cpu", f"trainer.strategy={strategy}")
    with pytest.raises(ValueError, match=rf"such as auto, ddp or .*, got {strategy}, which divides it"):
        build_trainer(as_settings(config), tmp_path, [])


def test_a_job_of_slurm_with_other_numbers_than_the_settings_is_refused_in_one_line(tmp_path, monkeypatch):
    job = {"NTASKS": 2, "NTASKS_PER_NODE": 2, "NNODES": 1, "PROCID": 0, "LOCALID": 0, "NODEID": 0, "JOB_NAME": "train"}
    for name, value in job.items():
        monkeypatch.setenv(f"SLURM_{name}", str(value))
    config = composed("train", "trainer.accelerator=cpu", "trainer.devices=4", "trainer.strategy=ddp")
    with pytest.raises(ValueError, match=r"trainer\.devices=4, trainer\.strategy=ddp: Lightning .*--ntasks-per-node=2"):
        build_trainer(as_settings(config), tmp_path, [])


def test_what_lightning_saves_before_a_cluster_ends_a_job_is_found_by_the_same_run_only(tmp_path):
    config = composed("train", "trainer.accelerator=cpu", "trainer.devices=1")
    one, other = (build_trainer(as_settings(config), tmp_path / name, []) for name in ("one", "other"))
    saved = Path(one._checkpoint_connector.hpc_save_path(one.default_root_dir))
    assert saved == tmp_path / "one/hpc_ckpt_1.ckpt"
    saved.parent.mkdir()
    saved.touch()
    assert one._checkpoint_connector._hpc_resume_path == str(saved)
    assert other._checkpoint_connector._hpc_resume_path is None


def test_what_a_training_saved_before_a_cluster_ended_its_job_is_not_loaded_to_predict(tmp_path, monkeypatch):
    (tmp_path / "hpc_ckpt_1.ckpt").touch()
    monkeypatch.chdir(tmp_path)
    trainer = build_inference_trainer(as_settings(composed("train", "trainer.accelerator=cpu")).trainer)
    assert trainer._checkpoint_connector._hpc_resume_path is None


def test_a_training_learns_and_leaves_checkpoints_curve_settings_and_logs(training):
    written = {str(path.relative_to(training.folder)) for path in training.folder.rglob("*") if path.is_file()}
    assert {"summary.json", ".hydra/config.yaml", "csv/version_0/metrics.csv"} <= written
    assert {name for name in written if name.endswith("ckpt")} == {"checkpoints/best.ckpt", "checkpoints/last.ckpt"}
    assert any("tfevents" in name for name in written)
    epochs = training.summary["epochs"]
    assert [epoch["epoch"] for epoch in epochs] == list(range(14))
    assert epochs[-1]["train_loss"] < 0.9 * epochs[0]["train_loss"]
    best = max(epochs, key=lambda epoch: epoch["val_hmean"])
    assert best["val_hmean"] > 0
    assert training.summary["best"]["epoch"] == best["epoch"]
    assert training.summary["seed"] == 42
    assert Path(training.summary["checkpoints"]["best"]) == training.best
    assert training.summary["best_sha256"] == file_sha256(training.best)
    checkpoint = torch.load(training.best, weights_only=True)
    assert checkpoint["epoch"] == best["epoch"]
    assert checkpoint["config"]["models"]["encoder"]["name"] == "resnet18"
    assert torch.load(training.last, weights_only=True)["epoch"] == 13
    said = output(training.result)
    for words in (
        "models.optimizer.lr=0.01 (preset: 0.0015)",
        "experiment.log=null (preset: outputs/experiments.csv)",
        "million weights",
        "INFO: epoch 1/14: ",
        "Training summary",
        "val_hmean",
        "best epoch",
    ):
        assert words in said


def test_a_folder_with_a_training_is_not_overwritten_and_gone_on_with_when_asked(training, tmp_path):
    before = training.last.stat().st_mtime_ns
    refused = run(*training.command)
    assert refused.returncode == 1
    assert "holds a training already: go on with it by resume=auto, or choose another hydra.run.dir" in output(refused)
    assert training.last.stat().st_mtime_ns == before
    folder = shutil.copytree(training.folder, tmp_path / "run")
    resumed = run(*training.command, f"hydra.run.dir={folder}", "resume=auto", "trainer.max_epochs=15")
    assert resumed.returncode == 0, output(resumed)
    epochs = json.loads((folder / "summary.json").read_text())["epochs"]
    assert epochs[:14] == training.summary["epochs"]
    assert epochs[14]["epoch"] == 14


def test_pretrained_weights_out_of_reach_stop_the_training_with_hints(data, tmp_path):
    arguments = ("preset=hrnet_w44_1024", f"datasets.root={data}", f"hydra.run.dir={tmp_path / 'run'}")
    stopped = run("train", *arguments, "experiment.log=null", HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "empty_cache"))
    assert stopped.returncode == 1
    said = output(stopped)
    assert "Traceback" not in said
    for way in ("models.encoder.weights=FILE", "models.encoder.name=", "models.encoder.pretrained=false"):
        assert way in said
    assert not list(tmp_path.glob("run/checkpoints/*"))


def test_the_first_preset_trains_without_data_and_network_and_says_on_what_and_from_what(tmp_path):
    arguments = ("preset=resnet50_unet_1024", f"hydra.run.dir={tmp_path / 'run'}", "experiment.log=null")
    small = ("datasets.img_size=64", "datasets.val.img_size=96", "datasets.num_workers=0", "trainer.max_epochs=1")
    quick = ("trainer.limit_train_batches=1", "trainer.limit_val_batches=1")
    trained = run("train", *arguments, *small, *quick, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "empty_cache"))
    said = output(trained)
    assert trained.returncode == 0, said
    first_lines = said[: said.index("Settings")]
    assert "data/sample: 48 generated receipts; yours: datasets.root=…" in first_lines
    assert "trains at datasets.train.img_size=64 and validates at a long side of 96 px" in first_lines
    assert "resnet50 starts from the weights in" in said
    assert "which are NOT ImageNet's" in said
    assert (tmp_path / "run/checkpoints/best.ckpt").is_file()
