"""A training's row in the experiment log: what it changed against its baseline, and how it ended."""

from types import SimpleNamespace

import pytest
import pytorch_lightning as pl
from omegaconf import OmegaConf

from baseline_code.training.callbacks import EpochLine, TrainingSummary
from ocr.experiments.log import LOG
from ocr.experiments.table import read_rows
from runners.wiring.experiment_log import changed_settings, changes_of, log_run, say_next_step
from tests.commands import as_settings, hydra_running

BATTERY = "classify/battery_resnet18_512"


@pytest.fixture
def run_of():
    """Composes a configuration as in a running command, and lets Hydra know of it."""
    with hydra_running() as running:

        def start(runner, *overrides, folder=None):
            config, hydra = running(runner, *overrides)
            if folder is not None:  # as Hydra does
                (folder / ".hydra").mkdir(parents=True)
                OmegaConf.save(config, folder / ".hydra/config.yaml")
                kept = {"runtime": {"choices": hydra.runtime.choices}, "overrides": {"task": hydra.overrides.task}}
                OmegaConf.save({"hydra": kept}, folder / ".hydra/hydra.yaml")
            return as_settings(config)

        yield start


PRETRAIN, TRAIN = ("pretrain", f"preset={BATTERY}"), ("train", "preset=quickstart")


@pytest.mark.parametrize(
    ("typed", "changes", "count"),
    [
        ((*PRETRAIN, "seed=7", "datasets.num_workers=0", "experiment.note=only bookkeeping"), "", 0),
        ((*TRAIN, "seed=7", "datasets.num_workers=0", "experiment.note=only bookkeeping"), "", 0),
        ((*PRETRAIN, "datasets.root=elsewhere"), "datasets.root=elsewhere", 0),  # told, but does not count
        # the size of all three splits follows one key
        (
            (*TRAIN, "datasets.img_size=320", "models.optimizer.lr=0.1", "datasets.train.scale=[1,2]"),
            "datasets.train.scale=[1,2]; datasets.img_size=320; models.optimizer.lr=0.1",
            3,
        ),
        (
            ("train", "preset/models@models=hrnet_w44_fpn", "models.optimizer.lr=0.0015"),
            "preset/models=hrnet_w44_fpn",
            1,
        ),
        ((*TRAIN, "datasets.train.also=['data/영수증']"), 'datasets.train.also=["data/영수증"]', 1),
        # a variant is one change, whatever it sets
        ((*PRETRAIN, "variant=[none]"), "", 0),
        ((*PRETRAIN, "variant=augmented"), "variant=augmented", 1),
        ((*PRETRAIN, "variant=[cosine,none,cosine]"), "variant=cosine", 1),
        ((*PRETRAIN, "variant=[cosine, augmented]"), "variant=[cosine,augmented]", 2),
        (
            (*PRETRAIN, "variant=[augmented,cosine]", "models.schedule.final=0.5"),
            "variant=[augmented,cosine]; models.schedule.final=0.5",
            3,
        ),
    ],
)
def test_what_was_typed_is_a_change_but_for_bookkeeping(run_of, typed, changes, count):
    found = changes_of(run_of(*typed).written, None)
    assert (str(found), found.count) == (changes, count)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (["models.head.unclip_ratio=2.0"], "(preset: 1.5): does nothing without models.head.unclip=ratio"),
        (["models.head.unclip_ratio=2.0", "models.head.unclip=ratio"], "(preset: 1.5)"),
        (["models.head.epsilon=2.0"], "(preset: 1.0)"),
        (
            ["models.head.epsilon=2.0", "models.head.mode=quad"],
            "(preset: 1.0): does nothing without models.head.mode=polygon",
        ),
        (["models.head.shrink_ratio=0.6", "models.head.unclip=ratio"], "(preset: 0.4)"),  # labels read it
    ],
)
def test_the_first_lines_say_which_changed_setting_does_nothing(run_of, typed, line):
    assert f"{typed[0]} {line}" in changed_settings(run_of(*TRAIN, *typed).written)


@pytest.mark.parametrize(
    ("before", "now", "changes", "count"),
    [
        ("cosine", "[augmented,cosine]", "variant=[augmented,cosine]", 1),  # one came
        ("[augmented,cosine]", "[cosine,augmented]", "", 0),  # the order is no change
        ("[augmented,cosine]", "augmented", "variant=augmented", 1),  # one went
        ("augmented", "cosine", "variant=cosine", 2),  # one went, one came
        ("cosine", "none", "variant=none", 1),
    ],
)
def test_variants_are_compared_with_those_of_the_baselines_run(run_of, tmp_path, before, now, changes, count):
    run_of("pretrain", f"preset={BATTERY}", f"variant={before}", folder=tmp_path)
    found = changes_of(run_of("pretrain", f"preset={BATTERY}", f"variant={now}").written, str(tmp_path))
    assert (str(found), found.count) == (changes, count)


def test_a_run_may_be_the_baseline(run_of, tmp_path):
    run_of("pretrain", f"preset={BATTERY}", "trainer.max_epochs=3", folder=tmp_path)
    settings = run_of("pretrain", f"preset={BATTERY}", "trainer.max_epochs=3", "models.mixup=0.2", "variant=cosine")
    changes = changes_of(settings.written, str(tmp_path))
    assert (changes.baseline, str(changes)) == (str(tmp_path), "variant=cosine; models.mixup=0.2")


def test_settings_that_came_after_the_baselines_run_are_no_changes(run_of, tmp_path):
    run_of("pretrain", f"preset={BATTERY}", folder=tmp_path)
    old = OmegaConf.load(tmp_path / ".hydra/config.yaml")
    del old.models["mixup"]
    OmegaConf.save(old, tmp_path / ".hydra/config.yaml")
    assert str(changes_of(run_of("pretrain", f"preset={BATTERY}").written, str(tmp_path))) == ""


def test_the_next_step_does_not_follow_from_scores_of_another_validation(tmp_path, caplog):
    """The first two epochs were validated at another size, where H is higher."""
    summary = TrainingSummary(tmp_path, monitor="val_hmean", mode="max")
    curve = enumerate([0.8, 0.9, 0.5, 0.6, 0.7])
    summary.epochs = [{"epoch": number, "train_loss": 1 - number / 10, "val_hmean": score} for number, score in curve]
    summary.best_from = 2
    with caplog.at_level("INFO"):
        say_next_step(SimpleNamespace(callbacks=[summary, EpochLine()]))
    assert "next: val_hmean still improves, by 0.2000 in the last third: trainer.max_epochs=10" in caplog.text


def test_a_baseline_that_is_no_run_is_refused(run_of, tmp_path):
    with pytest.raises(ValueError, match=r"expected the folder of a run at experiment\.baseline="):
        changes_of(run_of("pretrain", f"preset={BATTERY}").written, str(tmp_path))


def test_a_run_whose_batch_size_was_typed_is_a_baseline(run_of, tmp_path):
    """Its command line refers to a setting, as `complete_overrides` writes it."""
    run_of(*TRAIN, "trainer.batch_size=8", "datasets.train.batch_size=${trainer.batch_size}", folder=tmp_path)
    assert str(changes_of(run_of(*TRAIN).written, str(tmp_path))) == "trainer.batch_size=4"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "finished"),
        (ValueError("broken"), "failed"),
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(1), "interrupted"),
    ],
)
def test_every_end_of_a_run_leaves_a_row(run_of, tmp_path, error, status):
    typed = (f"experiment.log={tmp_path / 'log.csv'}", "seed=5", 'experiment.note="larger, 배치"')
    settings = run_of("pretrain", f"preset={BATTERY}", *typed)

    def training():
        with log_run(settings, tmp_path / "run") as run:
            summary = TrainingSummary(tmp_path, monitor=None, mode="max")
            trainer = pl.Trainer(logger=False, accelerator="cpu", enable_checkpointing=False, callbacks=[summary])
            run.follow(trainer, pl.LightningModule())
            summary.on_fit_start(trainer, pl.LightningModule())
            run.add_scores({"test_accuracy": 0.25})
            if error is not None:
                raise error

    if error is None:
        training()
    else:
        with pytest.raises(type(error)):
            training()
    (found,) = read_rows(tmp_path / "log.csv", LOG)
    assert (found["status"], found["run"], found["seed"]) == (status, str(tmp_path / "run"), "5")
    assert (found["test_accuracy"], found["score"], found["parameters"]) == ("0.25", "", "0")
    assert found["note"] == "larger, 배치"


def test_a_training_that_never_began_leaves_no_row(run_of, tmp_path):
    settings = run_of("pretrain", f"preset={BATTERY}", f"experiment.log={tmp_path / 'log.csv'}")
    with pytest.raises(ValueError, match="a typo"), log_run(settings, tmp_path):
        raise ValueError("a typo")
    assert not list(tmp_path.iterdir())


def test_a_log_that_cannot_be_written_costs_a_warning_not_the_training(run_of, tmp_path, caplog):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    for log, said in (
        (other / "log.csv", "lacks this run"),
        (other, "expected a table of experiments, got a table of a, b"),
    ):
        with log_run(run_of("pretrain", f"preset={BATTERY}", f"experiment.log={log}"), tmp_path):
            pass
        assert said in caplog.text
    assert other.read_text() == "a,b\n1,2\n"
