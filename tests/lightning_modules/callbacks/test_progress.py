"""What people see while a training runs, and what it leaves at its end."""

import logging
import re
import time
from types import SimpleNamespace

import pytest
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from baseline_code.training.callbacks import EpochLine, TrainingProgressBar, TrainingSummary
from baseline_code.training.callbacks.progress import format_time
from runners.wiring.callbacks import DETECTOR
from tests.lightning_modules.experiment import configured, fit
from tests.visualization.printing import printed


def test_the_bar_shows_loss_parts_learning_rate_and_images_per_second(trained):
    bar = TrainingProgressBar(short_names=DETECTOR.short_names)
    bar._started, bar._images = time.perf_counter() - 1.0, 8
    shown = bar.get_metrics(trained.trainer, trained.module)
    assert {"loss", "P", "T", "B", "val_hmean", "lr", "images/s"} <= set(shown)
    assert float(shown["lr"]) == pytest.approx(trained.trainer.optimizers[0].param_groups[0]["lr"], rel=0.01)
    assert shown["images/s"] > 0


def test_the_bar_asks_for_the_loss_only_where_it_moves(data, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(TrainingProgressBar, "get_metrics", lambda bar, trainer, _: asked.append(trainer) or {})
    monkeypatch.setattr(TrainingProgressBar, "on_validation_end", lambda *_: None)
    monkeypatch.setattr(TrainingProgressBar, "on_train_epoch_end", lambda *_: None)
    monkeypatch.setattr(TrainingProgressBar, "refresh_rate", 3)
    fit(configured(data, "trainer.max_epochs=1", "trainer.batch_size=1"), tmp_path, TrainingProgressBar())
    assert len(asked) == 2  # after the third of four batches, and after the last


def test_waiting_is_the_share_of_time_between_one_step_and_the_next(monkeypatch):
    """1 s until the first batch, 2 s of work, 3 s until the second, 2 s of work; two processes with an image each."""
    clock = iter([10.0, 11.0, 13.0, 16.0, 18.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    line, trainer = EpochLine(), SimpleNamespace(world_size=2, global_step=10, current_epoch=0)
    module, batch = SimpleNamespace(device=torch.device("cpu")), SimpleNamespace(filenames=("a",))
    line.on_train_epoch_start(trainer, module)
    for index in range(2):
        line.on_train_batch_start(trainer, module, batch, index)
        line.on_train_batch_end(trainer, module, None, batch, index)
    assert line.waiting == pytest.approx(4 / 8)
    assert line.images_per_second == pytest.approx(4 / 8)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        # two batches of 30 s; 58 more of three epochs of 20 take 29 minutes
        (
            30.0,
            ["epoch 1/3: 2 of 20 batches, 30.0 s each: the rest of 3 epochs takes about 29 min, without validations"],
        ),
        (1.0, []),  # an epoch of 20 s has its own line soon
    ],
)
def test_a_long_first_epoch_says_after_a_minute_how_long_all_will_take(seconds, said, monkeypatch, caplog):
    ticks = (seconds * step for step in range(100))
    trainer = SimpleNamespace(world_size=1, global_step=1, current_epoch=0, max_epochs=3, num_training_batches=20)
    module, batch = SimpleNamespace(device=torch.device("cpu")), SimpleNamespace(filenames=("a",))
    line = EpochLine()
    with caplog.at_level("INFO"):
        now = next(ticks)
        monkeypatch.setattr(time, "perf_counter", lambda: now)
        line.on_train_epoch_start(trainer, module)
        for index in range(20):
            now = next(ticks)
            line.on_train_batch_end(trainer, module, None, batch, index)
    assert [record.getMessage() for record in caplog.records] == said


@pytest.mark.parametrize(
    ("monitor", "mode", "best"),
    [("val_hmean", "max", 1), ("val_hmean", "min", 2), (None, "max", 3), ("other", "max", None)],
)
def test_the_best_epoch_is_the_one_with_the_best_monitored_score(monitor, mode, best, tmp_path):
    """The last one where nothing is monitored; none before any was validated."""
    summary = TrainingSummary(tmp_path, monitor=monitor, mode=mode)
    assert summary.best_epoch() is None
    summary.epochs = [{"epoch": number, "val_hmean": score} for number, score in enumerate((0.5, 0.9, 0.4))]
    summary.epochs.append({"epoch": 3, "train_loss": 0.1})  # not validated
    assert (summary.best_epoch() or {"epoch": None})["epoch"] == best


def test_a_resumed_summary_goes_on_with_the_curve_and_the_clock(tmp_path):
    summary = TrainingSummary(tmp_path, monitor="val_hmean", mode="max")
    summary.load_state_dict({"epochs": [{"epoch": 0, "val_hmean": 0.5}], "seconds": 1000.0})
    state = summary.state_dict()
    assert state["epochs"] == [{"epoch": 0, "val_hmean": 0.5}]
    assert 1000 <= state["seconds"] < 1060


def test_paths_are_whole_in_a_narrow_terminal(tmp_path):
    summary = TrainingSummary(tmp_path, monitor=None, mode="max")
    summary.epochs = [{"epoch": 0, "train_loss_approximate_binary": 0.25}]
    checkpoint = ModelCheckpoint()
    checkpoint.best_model_path = str(tmp_path / "checkpoints" / "best.ckpt")
    trainer = SimpleNamespace(is_global_zero=True, checkpoint_callbacks=[checkpoint], callbacks=[])
    lines = printed(summary.on_fit_end, trainer, SimpleNamespace(), width=40).splitlines()
    assert f"checkpoint best: {tmp_path}/checkpoints/best.ckpt" in lines
    assert f"curve: {tmp_path}/summary.json" in lines


@pytest.mark.parametrize(
    ("seconds", "shown"), [(40, "40 s"), (90, "2 min"), (720, "12 min"), (3600 * 3 + 300, "3 h 05 min")]
)
def test_times_are_short(seconds, shown):
    assert format_time(seconds) == shown


def test_epochs_count_from_one_the_best_is_marked_and_an_early_stop_is_told(data, tmp_path, caplog):
    """A score that cannot improve by 2: the first epoch is the best, and after two more the patience is used up."""
    stopping = ("early_stopping.enabled=true", "early_stopping.patience=2", "early_stopping.min_delta=2.0")
    limits = ("trainer.max_epochs=9", "datasets.train.limit=2", "datasets.val.limit=1", "models.optimizer.lr=1e-9")
    with caplog.at_level(logging.INFO, logger="baseline_code"):
        fit(configured(data, *stopping, *limits), tmp_path)
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("epoch ")]
    assert [line.partition(":")[0] for line in lines] == ["epoch 1/9", "epoch 2/9", "epoch 3/9"]
    assert [line.endswith("the best so far") for line in lines] == [True, False, False]
    assert re.fullmatch(
        r"epoch 1/9: train_loss \d+\.\d{4} \(probability \d+\.\d{4}, threshold \d+\.\d{4}, .*\), "
        r"val_precision .*, val_hmean [01]\.\d{4}, .*"
        r"lr \d\.\d\de-\d\d, \d+\.\d images/s, waiting for data \d+ %, \d+ s, .*the best so far",
        lines[0],
    )
    assert all(" left" in line for line in lines)
    assert "stopped early at epoch 3: val_hmean has not improved for 2 validations" in caplog.text
