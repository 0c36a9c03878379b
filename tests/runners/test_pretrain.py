"""`runners/pretrain.py` as users call it, in this process: trains, stops, goes on, tests, and says what is wrong."""

import json
from types import SimpleNamespace

import pytest
import torch
from omegaconf import OmegaConf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ocr.experiments.table import read_table
from runners.wiring.checkpoints import Overrides
from runners.wiring.classifier import load_module
from tests.classifier_runs import SMALL, call, write_images


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    write_images(root, {"train": 12, "val": 4, "test": 4})
    return root


@pytest.fixture(scope="module")
def trained(images, tmp_path_factory):
    """A training of three epochs on two colours."""
    folder = tmp_path_factory.mktemp("run")
    log = folder / "experiments.csv"
    with pytest.MonkeyPatch.context() as patch:
        arguments = (f"datasets.root={images}", f"hydra.run.dir={folder / 'run'}", "trainer.max_epochs=3")
        assert call(patch, "pretrain", *SMALL, *arguments, f"experiment.log={log}") == 0
    summary = json.loads((folder / "run/summary.json").read_text())
    return SimpleNamespace(folder=folder / "run", log=log, summary=summary, best=folder / "run/checkpoints/best.ckpt")


def pretrain(monkeypatch, images, folder, *arguments):
    return call(monkeypatch, "pretrain", *SMALL, f"datasets.root={images}", f"hydra.run.dir={folder}", *arguments)


def test_a_training_learns_tests_its_best_checkpoint_and_leaves_files_curves_and_a_row_in_the_log(trained, images):
    summary, written = trained.summary, {path.name for path in trained.folder.rglob("*")}
    assert [epoch["epoch"] for epoch in summary["epochs"]] == [0, 1, 2]
    assert summary["epochs"][-1]["train_loss"] < 0.7 * summary["epochs"][0]["train_loss"]
    assert summary["best"]["val_loss"] == min(epoch["val_loss"] for epoch in summary["epochs"])
    assert set(summary["test"]) == {f"test_{name}" for name in ("loss", "accuracy", "precision", "recall", "f1", "auc")}
    assert summary["test"]["test_accuracy"] == 1
    assert summary["parameters"] == 388_896 + 2 * 257
    assert {"best.ckpt", "last.ckpt", "metrics.csv", "samples.png", "confusion.png", "misclassified.png"} <= written
    checkpoint = torch.load(trained.best, weights_only=True)
    assert checkpoint["classes"] == summary["classes"] == ["blue", "red"]
    assert checkpoint["config"]["models"]["network"]["name"] == "plain_cnn"
    events = EventAccumulator(str(trained.folder / "tensorboard")).Reload()
    assert any("Conv2d" in node.name for node in events.Graph().node)
    assert set(events.Tags()["images"]) == {"samples", "confusion", "misclassified"}
    assert {"train_loss_epoch", "val_loss", "val_auc", "test_accuracy"} <= set(events.Tags()["scalars"])
    (row,) = read_table(trained.log)
    assert (row["preset"], row["status"], row["epochs"]) == ("classify/battery_resnet18_512", "finished", "3")
    assert (row["monitor"], row["test_accuracy"]) == ("val_loss", "1")
    assert float(row["score"]) == pytest.approx(summary["best"]["val_loss"], rel=1e-5)
    assert {"models.network.name=plain_cnn", f"datasets.root={images}"} <= set(row["changes"].split("; "))


def test_a_folder_with_a_training_is_not_overwritten(trained, images, monkeypatch, capsys):
    assert pretrain(monkeypatch, images, trained.folder) == 1
    assert "holds a training already: go on with it by resume=auto" in capsys.readouterr().out


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_resumed_training_is_the_uninterrupted_one(workers, trained, images, tmp_path, monkeypatch):
    for epochs in (1, 3):
        settings = (f"trainer.max_epochs={epochs}", f"datasets.num_workers={workers}", "resume=auto")
        assert pretrain(monkeypatch, images, tmp_path, *settings) == 0
    ours, theirs = (
        torch.load(folder / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
        for folder in (tmp_path, trained.folder)
    )
    assert [name for name, weight in theirs.items() if not torch.equal(weight, ours[name])] == []
    whole, parts = trained.summary["epochs"], json.loads((tmp_path / "summary.json").read_text())["epochs"]
    for ours, theirs in zip(parts, whole, strict=True):
        for name in ("train_loss", "val_loss", "val_auc"):
            assert ours[name] == pytest.approx(theirs[name], abs=1e-6)


def test_patience_ends_a_training(images, tmp_path, monkeypatch, capsys):
    """With a learning rate that changes nothing, two epochs are no better than the first."""
    settings = (
        "trainer.max_epochs=9",
        "early_stopping.patience=2",
        "early_stopping.min_delta=1",
        "models.optimizer.lr=1e-9",
    )
    assert pretrain(monkeypatch, images, tmp_path, *settings) == 0
    assert len(json.loads((tmp_path / "summary.json").read_text())["epochs"]) == 3
    assert "stopped early at epoch 3: val_loss has not improved for 2 validations" in capsys.readouterr().out


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Images without a validation split, and a training of three epochs on all of them."""
    root, folder = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("unvalidated") / "run"
    write_images(root, {"train": 12, "test": 4})
    log = folder.parent / "experiments.csv"
    with pytest.MonkeyPatch.context() as patch:
        arguments = (*UNVALIDATED, "trainer.max_epochs=3", f"experiment.log={log}")
        assert pretrain(patch, root, folder, *arguments) == 0
    return SimpleNamespace(images=root, folder=folder, log=log, summary=summary_of(folder))


UNVALIDATED = ("datasets.val_fraction=0", "early_stopping.enabled=false")


def summary_of(folder):
    return json.loads((folder / "summary.json").read_text())


def test_variants_combine_and_sweep(images, tmp_path, monkeypatch):
    log = tmp_path / "experiments.csv"
    arguments = (f"datasets.root={images}", f"hydra.sweep.dir={tmp_path / 'runs'}", "trainer.max_epochs=1")
    sweep = ("--multirun", *SMALL, *arguments, f"experiment.log={log}", "variant=none,cosine,[augmented,cosine]")
    assert call(monkeypatch, "pretrain", *sweep) == 0
    none, one, both = read_table(log)
    assert "variant" not in none["changes"]
    assert "variant=cosine" in one["changes"].split("; ")
    assert "variant=[augmented,cosine]" in both["changes"].split("; ")
    assert [int(row["change_count"]) - int(none["change_count"]) for row in (one, both)] == [1, 2]
    summary = json.loads((tmp_path / "runs/2/summary.json").read_text())
    assert summary["config"]["datasets"]["train"]["rotate"] == 15
    assert summary["config"]["models"]["schedule"]["name"] == "cosine"
    assert "variant=[augmented,cosine]" in OmegaConf.load(tmp_path / "runs/2/.hydra/overrides.yaml")


def test_one_sigmoid_output_trains_and_one_without_a_test_split_is_not_tested(tmp_path, monkeypatch):
    write_images(tmp_path / "images", {"train": 8, "val": 2})
    assert pretrain(monkeypatch, tmp_path / "images", tmp_path / "run", "models.network.single_output=true") == 0
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert summary["parameters"] == 388_896 + 257
    assert summary["test"] == {}
    assert not (tmp_path / "run/confusion.png").exists()


def test_splits_that_are_divided_anew_by_patient_train_and_validate(images, tmp_path, monkeypatch, capsys):
    """Of each colour 12 images to train on and 4 to validate on; those of one number are one patient."""
    patient = r"datasets.patient='(blue|red)_[a-z]+_(\d+)'"
    arguments = ("datasets.resplit=0.25", patient, "datasets.balance=weights", "trainer.max_epochs=1")
    assert pretrain(monkeypatch, images, tmp_path, *arguments) == 0
    said = " ".join(capsys.readouterr().out.split())
    # eight patients of one image and four of two in each colour
    assert "datasets.resplit=0.25: 32 images of 24 patients divided into 24 to train on and 8 to validate on" in said
    assert summary_of(tmp_path)["best"]["val_loss"] > 0


def test_without_validation_the_last_epoch_is_kept_tested_logged_and_gone_on_from(whole, tmp_path, monkeypatch, capsys):
    best, last = (torch.load(whole.folder / f"checkpoints/{name}.ckpt", weights_only=True) for name in ("best", "last"))
    assert best["epoch"] == last["epoch"] == 2
    assert all(torch.equal(value, last["state_dict"][name]) for name, value in best["state_dict"].items())
    assert whole.summary["best"] == whole.summary["epochs"][-1]
    assert set(whole.summary["best"]) == {"epoch", "train_loss", "train_accuracy", "seconds"}
    assert whole.summary["test"]["test_accuracy"] == 1
    (row,) = read_table(whole.log)
    assert (row["status"], row["epochs"], row["score"], row["test_accuracy"]) == ("finished", "3", "", "1")
    for epochs in (1, 3):
        arguments = (*UNVALIDATED, f"trainer.max_epochs={epochs}", "resume=auto")
        assert pretrain(monkeypatch, whole.images, tmp_path, *arguments) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "nothing is validated: checkpoints/best.ckpt is the last epoch's, like last.ckpt" in said
    assert "best epoch" not in said
    for ours, theirs in zip(summary_of(tmp_path)["epochs"], whole.summary["epochs"], strict=True):
        assert ours["train_loss"] == pytest.approx(theirs["train_loss"], abs=1e-6)
    assert torch.load(tmp_path / "checkpoints/best.ckpt", weights_only=True)["epoch"] == 2


def test_without_validation_averaged_weights_are_the_ones_that_are_kept_and_tested(whole, tmp_path, monkeypatch):
    arguments = (*UNVALIDATED, "models.ema.enabled=true", "trainer.max_epochs=1")
    assert pretrain(monkeypatch, whole.images, tmp_path, *arguments) == 0
    best = torch.load(tmp_path / "checkpoints/best.ckpt", weights_only=True)
    name = next(name for name in best["state_dict"] if name.endswith("head.weight"))
    assert not torch.equal(best["state_dict"][name], best["current_model_state"][name])


@pytest.mark.parametrize("setting", ["datasets.val_fraction=0", "trainer.limit_val_batches=0"])
def test_without_validation_nothing_can_stop_early(whole, tmp_path, monkeypatch, capsys, setting):
    assert pretrain(monkeypatch, whole.images, tmp_path / "run", setting, "early_stopping.enabled=true") == 1
    words = "expected a validation for early_stopping.enabled=true, got none: set early_stopping.enabled=false, or "
    assert words in capsys.readouterr().out.splitlines()[-1]
    assert not (tmp_path / "run/checkpoints").exists()


def test_the_last_layer_alone_learns_where_the_rest_is_frozen(images, tmp_path, monkeypatch):
    assert pretrain(monkeypatch, images, tmp_path, "models.network.frozen_epochs=null") == 0
    module, _ = load_module(tmp_path / "checkpoints/last.ckpt", Overrides())
    assert torch.equal(module.state_dict()["network.backbone.0.1.running_mean"], torch.zeros(32))  # never updated


def test_three_classes_with_every_option_train_and_test_and_a_broken_image_is_skipped_by_option(
    tmp_path, monkeypatch, capsys
):
    write_images(tmp_path / "images", {"train": 8, "val": 2, "test": 2}, ("blue", "red", "white"))
    broken = tmp_path / "images/train/red/red_train_3.png"
    broken.write_bytes(broken.read_bytes()[:200])
    assert pretrain(monkeypatch, tmp_path / "images", tmp_path / "refused") == 1
    assert str(broken) in capsys.readouterr().out
    models = ("models.mixup=0.4", "models.label_smoothing=0.1", "models.ema.enabled=true")
    others = ("trainer.precision=bf16-mixed", "datasets.balance=weights", "datasets.unreadable=skip", "sheet_images=1")
    assert pretrain(monkeypatch, tmp_path / "images", tmp_path / "run", *models, *others) == 0
    summary = summary_of(tmp_path / "run")
    assert 0 <= summary["test"]["test_auc"] <= 1
    assert summary["classes"] == ["blue", "red", "white"]
    assert set(summary["unreadable"]) == {"train/red/red_train_3.png"}
    single = ("models.network.single_output=true", f"experiment.log={tmp_path / 'log.csv'}")
    assert pretrain(monkeypatch, tmp_path / "images", tmp_path / "single", *single) == 1
    words = "expected two classes for models.network.single_output=true, got 3: blue, red, white"
    assert words in capsys.readouterr().out
    assert not (tmp_path / "log.csv").exists()
    assert not (tmp_path / "single").exists()


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        (["datasets.root=nowhere"], 1, "nowhere: expected a folder of images, got nothing"),
        (["models.network.name=resnet19"], 1, "resnet19"),
        (["models.network.name=hresnet"], 1, "expected datasets.img_size=32 for hresnet, got 16"),
        (["datasets.resplit=0.2", "datasets.patient=person"], 1, "expected a group in datasets.patient that names"),
        (["models.network.small_input=true"], 1, "expected a ResNet such as resnet18 for models.network.small_input"),
        (["datasets.std=[0,1,1]"], 2, "datasets.std: expected list of number > 0"),  # before anything is loaded
        (["experiment.baseline=nowhere"], 2, "experiment.baseline: expected a file or folder, found none at nowhere"),
        (["variant=[cosine,x]"], 2, 'no "x" in variant; expected one of: 128px, augmented, cosine, none'),
        (["preset=quickstart"], 2, 'no preset "quickstart"; the menu:\n  classify/battery_resnet18_512 '),
    ],
)
def test_bad_settings_are_told_in_one_line(images, tmp_path, monkeypatch, capsys, settings, status, words):
    assert pretrain(monkeypatch, images, tmp_path / "run", *settings) == status
    said = capsys.readouterr()
    assert words in (said.out.splitlines()[-1] if status == 1 else said.err)
    assert not (tmp_path / "run").exists()
