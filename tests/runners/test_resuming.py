"""Going on with a training: from the newest whole checkpoint, in any folder, with the settings that were typed last."""

import json
import logging
import shutil
from types import SimpleNamespace

import pytest
import torch

from baseline_code.training.callbacks import RunCheckpoint
from ocr.lightning_modules import TextDetectionModule
from ocr.lightning_modules.text_detection import LOSS_NAMES, SCORE_NAMES
from runners.wiring.callbacks import best_score, build_callbacks, check_monitor
from runners.wiring.checkpoints import CheckpointError
from runners.wiring.resuming import find_resume
from tests.lightning_modules.experiment import configured, fit, two_words, write_split

SETTINGS = (
    "models.ema.enabled=false",
    "early_stopping.enabled=false",
    "datasets.train.limit=2",
    "datasets.val.limit=1",
    "models.schedule.name=constant",
    "models.schedule.warmup=0",
)

SMALLEST_LOSS = ("early_stopping.monitor=train_loss", "early_stopping.mode=min")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_split(root, "train", {f"train_{index}.png": two_words(index) for index in range(2)})
    write_split(root, "val", {"val_0.png": two_words(4)})
    return root


def fit_scores(data, folder, of_epochs, until, resume=None, settings=()):
    """Trains until so many epochs, of which each has a given H, or pair of CLEval's and the IoU's."""
    remaining = [scores if isinstance(scores, tuple) else (scores, 0.0) for scores in of_epochs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TextDetectionModule,
            "on_validation_epoch_end",
            lambda self: self.log_dict(dict(zip(("val_hmean", "val_iou_hmean"), remaining.pop(0), strict=True))),
        )
        return fit(configured(data, *SETTINGS, f"trainer.max_epochs={until}", *settings), folder, resume=resume)


@pytest.fixture
def train(data):
    """Trains in a folder until so many epochs, each of a given score."""

    def train(folder, *of_epochs, until, **more):
        return fit_scores(data, folder, of_epochs, until, **more)

    return train


@pytest.fixture(scope="module")
def two_epochs(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_epochs") / "run"
    fit_scores(data, folder, (0.9, 0.1), until=2)
    return folder


@pytest.fixture
def copied(two_epochs, tmp_path):
    """A training of two epochs, the first of which is the best."""
    return shutil.copytree(two_epochs, tmp_path / "copied")


def epoch_of(folder, name="best"):
    return torch.load(folder / f"checkpoints/{name}.ckpt", weights_only=True)["epoch"]


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_what_there_is_to_resume(copied, tmp_path, caplog):
    assert find_resume(None, tmp_path) is None
    assert find_resume("auto", tmp_path) is None
    with pytest.raises(CheckpointError, match=r"resume=.*nowhere\.ckpt, found no file there$"):
        find_resume(str(tmp_path / "nowhere.ckpt"), tmp_path)
    last, best = (copied / f"checkpoints/{name}.ckpt" for name in ("last", "best"))
    found = find_resume("auto", copied)
    assert (found.path, found.epoch, found.step) == (last, 2, 2)
    assert find_resume(str(best), copied).epoch == 1
    assert find_resume(str(last), tmp_path / "elsewhere").path == last
    assert "goes on from" not in caplog.text


@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt"])
def test_a_folder_with_any_checkpoint_holds_a_training_that_is_not_overwritten(copied, tmp_path, name):
    other = shutil.copytree(copied / "checkpoints", tmp_path / "other/checkpoints") / "last.ckpt"
    for path in (copied / "checkpoints").iterdir():
        if path.name != name:
            path.unlink()
    for resume in (None, str(other)):
        with pytest.raises(CheckpointError, match="copied holds a training already: go on with it by resume=auto"):
            find_resume(resume, copied)


@pytest.mark.parametrize("fault", ["a flipped bit", "cut", "empty", "text", "deleted"])
def test_without_a_whole_last_checkpoint_the_best_is_found(copied, caplog, fault):
    last = copied / "checkpoints/last.ckpt"
    whole = last.read_bytes()
    if fault == "a flipped bit":
        damage(last)
    elif fault == "deleted":
        last.unlink()
    else:
        last.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"hello"}[fault])
    found = find_resume("auto", copied)
    assert (found.path.name, found.epoch) == ("best.ckpt", 1)
    assert "last.ckpt" in caplog.text
    assert "the training goes on from" in caplog.text
    if fault != "deleted":
        assert find_resume(str(last), copied).path == found.path


def test_a_training_goes_on_from_the_best_checkpoint(train, copied):
    damage(copied / "checkpoints/last.ckpt")
    train(copied, 0.3, 0.2, until=3, resume="auto")
    assert (epoch_of(copied), epoch_of(copied, "last")) == (0, 2)
    assert [round(epoch["val_hmean"], 6) for epoch in summary(copied)["epochs"]] == [0.9, 0.3, 0.2]


def test_where_no_checkpoint_is_whole_nothing_starts_anew(copied):
    for path in (copied / "checkpoints").iterdir():
        damage(path)
    with pytest.raises(CheckpointError, match=r"expected a whole checkpoint to go on from, got none: .*SHA-256.*"):
        find_resume("auto", copied)


def test_the_newest_goes_on_where_a_kill_fell_between_the_best_and_the_last(copied):
    """With their contents exchanged, the best is of the second epoch and the last of the first."""
    best, last = (copied / f"checkpoints/{name}.ckpt" for name in ("best", "last"))
    first, second = best.read_bytes(), last.read_bytes()
    best.write_bytes(second)
    last.write_bytes(first)
    assert find_resume("auto", copied).path == best


def test_a_training_that_goes_on_in_another_folder_takes_its_best_checkpoint_along(train, copied, tmp_path):
    trainer, _ = train(tmp_path / "b", 0.05, until=3, resume=copied / "checkpoints/last.ckpt")
    assert epoch_of(tmp_path / "b") == summary(tmp_path / "b")["best"]["epoch"] == 0
    assert best_score(trainer) == pytest.approx(0.9)
    assert summary(tmp_path / "b")["checkpoints"]["best"] == str(tmp_path / "b/checkpoints/best.ckpt")
    assert (tmp_path / "b/checkpoints/best.ckpt").read_bytes() == (copied / "checkpoints/best.ckpt").read_bytes()


def test_where_the_best_checkpoint_is_lost_summary_score_and_file_name_the_same_later_epoch(
    train, copied, tmp_path, caplog
):
    (copied / "checkpoints/best.ckpt").unlink()
    trainer, _ = train(tmp_path / "b", 0.05, 0.04, until=4, resume=copied / "checkpoints/last.ckpt")
    assert epoch_of(tmp_path / "b") == summary(tmp_path / "b")["best"]["epoch"] == 2
    assert best_score(trainer) == pytest.approx(0.05)
    assert "the checkpoint of the best epoch so far (val_hmean 0.9000) is lost" in caplog.text


def test_a_training_that_goes_back_keeps_the_best_of_the_epochs_that_it_leaves(train, tmp_path):
    """The second epoch is best by IoU, the third by CLEval; a training that goes on from the second loses neither."""
    settings = ("checkpoint.also=[val_iou_hmean]",)
    train(tmp_path, (0.5, 0.1), (0.4, 0.8), (0.9, 0.3), until=3, settings=settings)
    back = tmp_path / "checkpoints/best_val_iou_hmean.ckpt"
    train(tmp_path, (0.2, 0.2), until=3, settings=settings, resume=back)
    assert (epoch_of(tmp_path), epoch_of(tmp_path, "best_val_iou_hmean")) == (2, 1)
    kept = torch.load(tmp_path / "checkpoints/best_until_epoch_3.ckpt", weights_only=True)
    assert float(kept["callbacks"]["best.ckpt"]["best_model_score"]) == pytest.approx(0.9)


def test_where_all_epochs_are_trained_nothing_changes_and_that_is_told(train, copied, caplog):
    caplog.set_level(logging.INFO)
    before = (copied / "checkpoints/last.ckpt").read_bytes()
    files = summary(copied)["checkpoints"]
    assert list(files) == ["best", "last"]
    train(copied, until=2, resume="auto")
    assert "all 2 epochs are trained: a larger trainer.max_epochs goes on" in caplog.text
    assert (copied / "checkpoints/last.ckpt").read_bytes() == before
    assert summary(copied)["checkpoints"] == {name: f"{copied}/checkpoints/{name}.ckpt" for name in files}


def test_a_run_that_was_moved_keeps_its_best(train, tmp_path):
    train(tmp_path / "a", 0.9, until=1)
    moved = (tmp_path / "a").rename(tmp_path / "b")
    trainer, _ = train(moved, 0.5, until=2, resume="auto")
    assert epoch_of(moved) == summary(moved)["best"]["epoch"] == 0
    assert best_score(trainer) == pytest.approx(0.9)
    kept = next(callback for callback in trainer.checkpoint_callbacks if isinstance(callback, RunCheckpoint))
    assert kept.best_model_path == str(moved / "checkpoints/best.ckpt")


def test_a_larger_patience_goes_on_with_a_training_that_stopped_early(train, tmp_path):
    def patience(value):
        return ("early_stopping.enabled=true", f"early_stopping.patience={value}")

    train(tmp_path, 0.9, 0.1, until=9, settings=patience(1))
    assert len(summary(tmp_path)["epochs"]) == 2
    train(tmp_path, until=9, settings=patience(1), resume="auto")
    assert len(summary(tmp_path)["epochs"]) == 2  # it stays stopped
    train(tmp_path, 0.1, 0.1, 0.1, until=9, settings=patience(3), resume="auto")
    assert len(summary(tmp_path)["epochs"]) == 4  # the second, third and fourth were no better: three in a row


def test_a_typed_rate_and_decay_hold_and_are_told(train, copied, caplog):
    caplog.set_level(logging.INFO)
    settings = ("models.optimizer.lr=0.01", "models.optimizer.weight_decay=0.5", "models.optimizer.momentum=0.8")
    trainer, _ = train(copied, 0.1, until=3, settings=settings, resume="auto")
    groups = trainer.optimizers[0].param_groups
    assert [(group["lr"], group["weight_decay"], group["betas"]) for group in groups] == [
        (0.01, 0.5, (0.8, 0.999)),
        (0.01, 0.0, (0.8, 0.999)),
    ]
    assert "settings that differ from the checkpoint's, and hold from here on: " in caplog.text
    assert "models.optimizer.lr 0.001 → 0.01; models.optimizer.weight_decay 0.0001 → 0.5" in caplog.text
    assert "goes on at epoch 3 of 3: learning rate 1.00e-02, at the end 1.00e-02" in caplog.text


def test_an_encoder_gets_a_rate_of_its_own_where_a_training_goes_on(train, copied, caplog):
    caplog.set_level(logging.INFO)
    trainer, _ = train(copied, 0.1, until=3, settings=("models.optimizer.encoder_lr_factor=0.1",), resume="auto")
    assert [group["lr"] for group in trainer.optimizers[0].param_groups] == pytest.approx([1e-4, 1e-3] * 2)
    assert "models.optimizer.encoder_lr_factor 1.0 → 0.1" in caplog.text
    assert "goes on at epoch 3 of 3: learning rate 1.00e-03, at the end 1.00e-03" in caplog.text
    assert "lr 1.00e-03 1.00e-04" in caplog.text


def test_a_cosine_that_has_come_down_does_not_rise_again_for_ten_epochs_more(train, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    cosine = ("models.schedule.name=cosine", "models.schedule.final=0.01")
    train(tmp_path, 0.1, 0.1, until=2, settings=cosine)
    trainer, _ = train(tmp_path, 0.1, 0.1, until=4, settings=cosine, resume="auto")
    assert trainer.optimizers[0].param_groups[0]["lr"] == pytest.approx(1e-5)  # 0.001 * 0.01
    assert "goes on at epoch 3 of 4: learning rate 1.00e-05, at the end 1.00e-05; it had come down" in caplog.text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("models.decoder.inner_channels=32", r"trained with models\.decoder\.inner_channels=16, got 32$"),
        ("models.encoder.name=resnet18", r"trained with models\.encoder\.name=mobilenetv3_small_100, got resnet18$"),
        ("models.optimizer.name=sgd", r"trained with models\.optimizer\.name=adamw, got sgd$"),
        ("models.ema.enabled=true", r"trained with models\.ema\.enabled=false, got true$"),
        ("trainer.max_epochs=1", r"trained for 2 epochs already, got trainer\.max_epochs=1$"),
    ],
)
def test_what_cannot_change_is_told_in_one_line(train, copied, setting, words):
    with pytest.raises(CheckpointError, match=r"^resume=.*last\.ckpt: " + words):
        train(copied, until=3, settings=(setting,), resume="auto")


def test_the_last_epoch_is_validated_however_rare_validations_are(train, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    trainer, _ = train(tmp_path, 0.5, until=2, settings=("trainer.check_val_every_n_epoch=5",))
    assert (epoch_of(tmp_path), best_score(trainer)) == (1, pytest.approx(0.5))
    assert [set(epoch) & {"val_hmean"} for epoch in summary(tmp_path)["epochs"]] == [set(), {"val_hmean"}]
    assert (
        "trainer.check_val_every_n_epoch=5 is longer than trainer.max_epochs=2: the last epoch is validated"
        in caplog.text
    )


def test_an_interval_that_does_not_divide_the_epochs_wastes_none(train, tmp_path):
    train(tmp_path, 0.5, 0.9, until=3, settings=("trainer.check_val_every_n_epoch=2",))
    assert epoch_of(tmp_path) == 2
    train(tmp_path, 0.95, until=4, settings=("trainer.check_val_every_n_epoch=2",), resume="auto")
    assert epoch_of(tmp_path) == 3


def test_the_best_checkpoint_follows_its_setting_and_others_may_lie_beside_it(train, tmp_path):
    settings = ("checkpoint.monitor=val_iou_hmean", "checkpoint.also=[val_hmean,train_loss]")
    trainer, _ = train(tmp_path, (0.9, 0.1), (0.5, 0.8), (0.4, 0.3), until=3, settings=settings)
    assert (epoch_of(tmp_path), epoch_of(tmp_path, "best_val_hmean"), best_score(trainer)) == (1, 0, pytest.approx(0.8))
    losses = [epoch["train_loss"] for epoch in summary(tmp_path)["epochs"]]
    assert epoch_of(tmp_path, "best_train_loss") == losses.index(min(losses))
    assert summary(tmp_path)["best"]["epoch"] == 1
    train(tmp_path, (0.95, 0.2), until=4, settings=settings, resume="auto")
    assert (epoch_of(tmp_path), epoch_of(tmp_path, "best_val_hmean")) == (1, 3)
    assert summary(tmp_path)["best"]["epoch"] == 1


def test_what_is_not_validated_has_no_best_score_whatever_lies_beside_it(data, tmp_path):
    settings = configured(data, "early_stopping.enabled=false", "checkpoint.also=[train_loss]")
    callbacks = build_callbacks(settings, tmp_path, validated=False)
    checkpoints = [callback for callback in callbacks if isinstance(callback, RunCheckpoint)]
    assert [callback.name for callback in checkpoints] == ["best", "last", "best_train_loss"]
    checkpoints[0].best_model_score = torch.tensor(1.0)  # the number of the last epoch
    checkpoints[2].best_model_score = torch.tensor(0.25)
    assert best_score(SimpleNamespace(checkpoint_callbacks=checkpoints)) is None


def test_data_that_moved_keep_the_best_epoch(data, copied, tmp_path):
    moved = shutil.copytree(data, tmp_path / "moved")
    fit_scores(moved, copied, (0.5,), until=3, resume="auto")
    assert epoch_of(copied) == 0
    assert summary(copied)["best"]["epoch"] == 0


@pytest.mark.parametrize("change", ["labels", "models.head.box_thresh=0.5", "datasets.val.limit=2"])
def test_scores_of_another_validation_do_not_compare(data, copied, tmp_path, caplog, change):
    other, settings = shutil.copytree(data, tmp_path / "other"), ()
    if change == "labels":
        labels = json.loads((other / "jsons/val.json").read_text())
        labels["images"]["val_0.png"]["words"].popitem()
        (other / "jsons/val.json").write_text(json.dumps(labels))
    else:
        settings = (change,)
        write_split(other, "val", {f"val_{index}.png": two_words(4 + index) for index in range(2)})
    stopping = ("early_stopping.enabled=true", "early_stopping.patience=1")
    fit_scores(other, copied, (0.5, 0.6), until=4, resume="auto", settings=(*settings, *stopping))
    assert "was validated on other labels, at another size or read otherwise" in caplog.text
    assert epoch_of(copied) == 3
    assert summary(copied)["best"]["epoch"] == 3
    assert epoch_of(copied, "best_until_epoch_2") == 0


def test_early_stopping_has_its_own_score(train, tmp_path):
    settings = ("checkpoint.monitor=val_iou_hmean", "early_stopping.enabled=true", "early_stopping.patience=1")
    train(tmp_path, (0.9, 0.1), (0.5, 0.8), until=9, settings=settings)
    assert len(summary(tmp_path)["epochs"]) == 2
    assert epoch_of(tmp_path) == 1


@pytest.mark.parametrize(("monitor", "nearest"), [("val_hmaen", "val_hmean"), ("val_loss", "train_loss")])
@pytest.mark.parametrize("setting", ["early_stopping.monitor={}", "checkpoint.monitor={}", "checkpoint.also=[{}]"])
def test_a_monitor_that_no_epoch_has_is_refused_before_the_first_one(data, tmp_path, setting, monitor, nearest):
    callbacks = build_callbacks(configured(data, setting.format(monitor)), tmp_path)
    with pytest.raises(
        ValueError,
        match=rf"expected early_stopping\.monitor, .* and checkpoint\.also to be of {nearest}, .*, got {monitor}",
    ):
        check_monitor(callbacks, (*LOSS_NAMES, *SCORE_NAMES))
    check_monitor(build_callbacks(configured(data, *SMALLEST_LOSS), tmp_path), LOSS_NAMES)


@pytest.mark.parametrize("enabled", ["true", "false"])
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            SMALLEST_LOSS[:1],
            "mode=min beside early_stopping.monitor=train_loss, which is better the smaller it is, got max",
        ),
        (("early_stopping.mode=min",), "mode=max beside early_stopping.monitor=val_hmean, which is better the larger"),
    ],
)
def test_a_mode_that_keeps_the_worst_epoch_is_refused_before_the_first_one(data, tmp_path, typed, message, enabled):
    callbacks = build_callbacks(configured(data, f"early_stopping.enabled={enabled}", *typed), tmp_path)
    with pytest.raises(ValueError, match=rf"expected early_stopping\.{message}"):
        check_monitor(callbacks, (*LOSS_NAMES, *SCORE_NAMES))
