"""Training: what it writes, when it stops, and that an interruption leaves no trace."""

import csv
import json
import shutil

import pytest
import pytorch_lightning as pl
import torch

from baseline_code.images.reading import ImageReadError
from baseline_code.training.optimization import ScheduleFactory
from ocr.lightning_modules import TextDetectionModule
from runners.wiring.training import build_module
from tests.lightning_modules.experiment import KillAt, Killed, configured, fit, two_words, write_split


def read(path):
    return torch.load(path, map_location="cpu", weights_only=True)


def early_stopping(checkpoint):
    return next(state for key, state in checkpoint["callbacks"].items() if key.startswith("PatientStopping"))


def assert_same(found, expected, where=""):
    """Equal to the last bit, whatever it is nested in."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key in expected:
            assert_same(found[key], expected[key], f"{where}/{key}")
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected), where
        for index, (left, right) in enumerate(zip(found, expected, strict=True)):
            assert_same(left, right, f"{where}/{index}")
    elif isinstance(expected, torch.Tensor):
        assert torch.equal(found, expected), where
    else:
        assert found == expected, where


def scores_of_epochs(monkeypatch, *scores):
    """Lets each validation log the next score."""
    remaining = iter(scores)
    monkeypatch.setattr(
        TextDetectionModule, "on_validation_epoch_end", lambda self: self.log("val_hmean", next(remaining))
    )


def test_training_writes_the_best_and_the_last_checkpoint_and_a_summary(trained, trained_folder):
    assert sorted(path.name for path in (trained_folder / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]
    summary = json.loads((trained_folder / "summary.json").read_text())
    assert [epoch["epoch"] for epoch in summary["epochs"]] == [0, 1]
    assert summary["checkpoints"] == {
        name: str(trained_folder / "checkpoints" / f"{name}.ckpt") for name in ("best", "last")
    }
    assert summary["best"] == max(summary["epochs"], key=lambda epoch: epoch["val_hmean"])
    assert summary["seed"] == 42
    assert {"train_loss", "train_loss_threshold", "val_precision", "val_recall", "val_iou_hmean"} <= set(
        summary["best"]
    )


def test_a_checkpoint_holds_weights_settings_and_randomness_that_is_restored(trained, trained_folder, data):
    checkpoint = read(trained_folder / "checkpoints" / "last.ckpt")
    assert checkpoint["config"]["models"]["encoder"]["name"] == "mobilenetv3_small_100"
    assert checkpoint["config"]["datasets"]["root"] == str(data)
    assert (checkpoint["epoch"], checkpoint["global_step"]) == (1, 4)
    module = build_module(configured(data))
    torch.manual_seed(1)
    module.on_load_checkpoint(checkpoint)
    assert torch.equal(torch.get_rng_state(), checkpoint["random_state"]["cpu"])


def test_the_learning_rate_steps_with_the_optimiser_and_is_logged(trained, trained_folder):
    with next((trained_folder / "csv").rglob("metrics.csv")).open() as file:
        rows = list(csv.DictReader(file))
    name = next(name for name in rows[0] if name.startswith("lr-"))
    found = [float(row[name]) for row in rows if row[name]]
    schedule = ScheduleFactory(name="one_cycle", warmup=0.15)  # the preset's: of 4 steps one warms up
    assert found == pytest.approx([0.001 * schedule.factor(step, 4) for step in range(4)])


def test_the_schedule_counts_steps_of_the_optimiser_where_gradients_accumulate(data, tmp_path):
    overrides = ("trainer.accumulate_grad_batches=2", "trainer.max_epochs=1", "models.schedule.name=cosine")
    trainer, _ = fit(configured(data, *overrides, "models.schedule.final=0.25", "models.ema.enabled=false"), tmp_path)
    assert trainer.global_step == 1
    # one step in all: it ran at the peak, and past the end the rate stays
    scheduler = trainer.lr_scheduler_configs[0].scheduler
    assert scheduler.last_epoch == 1
    assert trainer.optimizers[0].param_groups[0]["lr"] == pytest.approx(
        0.001 * ScheduleFactory(final=0.25).factor(1, 1)
    )


def test_the_best_checkpoint_is_kept_and_patience_ends_the_training(data, tmp_path, monkeypatch):
    scores_of_epochs(monkeypatch, 0.1, 0.5, 0.4, 0.3, 0.9)
    overrides = ("trainer.max_epochs=9", "early_stopping.patience=2", "datasets.train.limit=2", "datasets.val.limit=1")
    trainer, _ = fit(configured(data, *overrides), tmp_path)
    assert trainer.current_epoch == 4  # epochs 0 to 3: two in a row were no better than the second
    assert read(tmp_path / "checkpoints" / "best.ckpt")["epoch"] == 1
    assert read(tmp_path / "checkpoints" / "last.ckpt")["epoch"] == 3
    assert json.loads((tmp_path / "summary.json").read_text())["best"]["val_hmean"] == pytest.approx(0.5)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_resumed_training_is_the_uninterrupted_one_to_the_last_bit(workers, trained, trained_folder, data, tmp_path):
    """Killed in the middle of the second epoch, continued in the same folder; samples come from workers or not."""
    loading = f"datasets.num_workers={workers}"
    with pytest.raises(Killed):
        fit(configured(data, loading), tmp_path, KillAt(epoch=1, batch=0))
    last = tmp_path / "checkpoints" / "last.ckpt"
    assert read(last)["epoch"] == 0
    resumed, _ = fit(configured(data, "seed=42", loading), tmp_path, resume=last)

    found, expected = read(last), read(trained_folder / "checkpoints" / "last.ckpt")
    for part in ("epoch", "global_step", "state_dict", "current_model_state", "averaging_state", "lr_schedulers"):
        assert_same(found[part], expected[part], part)
    assert_same(found["optimizer_states"], expected["optimizer_states"])
    assert_same(early_stopping(found), early_stopping(expected))
    assert found["state_dict"].keys() == found["current_model_state"].keys()
    assert resumed.current_epoch == 2

    curves = [json.loads((folder / "summary.json").read_text())["epochs"] for folder in (tmp_path, trained_folder)]
    without_time = [[{k: v for k, v in epoch.items() if k != "seconds"} for epoch in curve] for curve in curves]
    assert without_time[0] == without_time[1]
    assert (tmp_path / "checkpoints" / "best.ckpt").is_file()


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_is_deleted_in_a_training_ends_it_or_is_skipped_counted_and_named(workers, tmp_path, caplog):
    class Delete(pl.Callback):
        def on_train_epoch_start(self, trainer, pl_module):
            (root / "images/train/train_1.png").unlink(missing_ok=True)

    root = tmp_path / "data"
    write_split(root, "train", {f"train_{index}.png": two_words(index) for index in range(4)})
    write_split(root, "val", {"val_0.png": two_words(4)})
    whole = (root / "images/train/train_1.png").read_bytes()
    settings = ("datasets.num_workers=" + str(workers), "trainer.max_epochs=3", "models.ema.enabled=false")
    with pytest.raises(ImageReadError, match=r"train_1\.png"):
        fit(configured(root, *settings), tmp_path / "ended", Delete())
    (root / "images/train/train_1.png").write_bytes(whole)
    trainer, _ = fit(configured(root, *settings, "datasets.unreadable=skip"), tmp_path / "skipped", Delete())
    assert trainer.global_step == 6  # two a batch, as if it were there
    summary = json.loads((tmp_path / "skipped/summary.json").read_text())
    assert set(summary["unreadable"]) == {"train_1.png"}
    assert summary["unreadable"]["train_1.png"] >= 2  # a worker may have read it before the first epoch
    assert caplog.text.count("another image trains in its place") == 1
    assert "1 training images could not be read: train_1.png" in caplog.text


def test_half_precision_trains_with_clipped_gradients_and_the_fused_optimiser(data, tmp_path):
    overrides = ("trainer.precision=bf16-mixed", "trainer.max_epochs=1", "trainer.gradient_clip_val=0.001")
    trainer, module = fit(configured(data, *overrides, "models.ema.enabled=false"), tmp_path)
    assert trainer.callback_metrics["train_loss"].isfinite()
    assert trainer.optimizers[0].defaults["fused"]
    gradients = [weight.grad for weight in module.parameters() if weight.grad is not None]
    assert torch.nn.utils.get_total_norm(gradients) <= 0.001 * 1.01


def test_batch_normalisation_that_holds_an_activation_is_not_replaced_by_a_synchronised_one(data, tmp_path):
    with pytest.raises(ValueError, match=r"no trainer\.sync_batchnorm .*: detector\.encoder\.\S+, a BatchNormAct2d"):
        fit(configured(data, "+trainer.sync_batchnorm=true"), tmp_path)


def test_a_compiled_detector_leaves_no_trace_in_the_checkpoint(data):
    plain, compiled = (build_module(configured(data, f"models.compile={value}")) for value in ("false", "true"))
    assert list(compiled.state_dict()) == list(plain.state_dict())
    assert not any("_orig_mod" in name for name in compiled.state_dict())


NO_COMPILER = not any(map(shutil.which, ("c++", "g++", "clang++")))


@pytest.mark.parametrize(
    "option",
    [
        "models.channels_last=false",
        "models.optimizer.fused=false",
        pytest.param(
            "models.compile=true",
            marks=[pytest.mark.slow, pytest.mark.skipif(NO_COMPILER, reason="needs a C++ compiler")],
        ),
    ],
)
def test_an_option_for_speed_changes_neither_loss_nor_checkpoint(option, trained, trained_folder, data, tmp_path):
    trainer, _ = fit(configured(data, option), tmp_path)
    losses = [with_or_without.callback_metrics["train_loss"] for with_or_without in (trainer, trained.trainer)]
    torch.testing.assert_close(*losses, rtol=1e-3, atol=1e-3)
    names = [list(read(folder / "checkpoints/last.ckpt")["state_dict"]) for folder in (tmp_path, trained_folder)]
    assert names[0] == names[1]


ONE, OTHER = two_words(0)
DEGENERATE = {
    "no text": {"empty.png": [], "blank.png": []},
    "one without words": {"empty.png": [], "full.png": [ONE, OTHER]},
    "ignored only": {"ignored.png": [(*ONE, "ignored"), (*OTHER, "ignored")]},
    "some ignored": {"mixed.png": [ONE, (*OTHER, "ignored")]},
    "larger than the crop": {"huge.png": [(1, 1, 63, 63)]},
    "2 px": {"tiny.png": [(30, 30, 32, 32)]},
}


@pytest.mark.parametrize("words", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_images_train_and_evaluate(words, tmp_path):
    write_split(tmp_path, "train", words)
    write_split(tmp_path, "val", words)
    scale = "datasets.train.scale=[2.0,2.0]" if "huge.png" in words else "datasets.train.scale=[1.0,1.0]"
    overrides = ["datasets.allow_leak=true", "trainer.max_epochs=1", "models.ema.enabled=false", scale]
    trainer, module = fit(configured(tmp_path, *overrides), tmp_path / "run")
    assert trainer.global_step == 1
    assert trainer.callback_metrics["train_loss"].isfinite()
    assert all(value.isfinite().all() for value in module.state_dict().values())
    assert set(module._evaluator.records) == set(words)
    assert 0 <= trainer.callback_metrics["val_hmean"] <= 1
