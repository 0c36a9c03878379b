"""The experiment log: a row for every run, what it changed against its baseline, and the table for people."""

import csv
import io
import json
import threading

import cv2
import pytest
import pytorch_lightning as pl
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict
from rich.cells import cell_len
from rich.console import Console

from baseline_code.files.csv_table import write_table
from baseline_code.training.callbacks import TrainingSummary
from runners.cli.entry import CONFIG_DIR
from runners.experiment_log.changes import find_changes
from runners.experiment_log.comparison import compare_runs, read_curves
from runners.experiment_log.log import COLUMNS, append_row, read_rows
from runners.experiment_log.run import logged_run
from runners.experiment_log.table import MARK, print_experiments, ranked
from tests.classifier_runs import call

BATTERY = "classify/battery_resnet18_512"


@pytest.fixture
def run_of():
    """Composes a configuration as in a running command, and lets Hydra know of it."""
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):

        def start(runner, *overrides, folder=None):
            config = compose(runner, list(overrides), return_hydra_config=True)
            with open_dict(config):
                config.hydra.job.config_name = runner
                config.hydra.mode = RunMode.RUN
                HydraConfig.instance().set_config(config)
                hydra = config.pop("hydra")
            if folder is not None:  # as Hydra does
                (folder / ".hydra").mkdir(parents=True)
                OmegaConf.save(config, folder / ".hydra/config.yaml")
                kept = {"runtime": {"choices": hydra.runtime.choices}, "overrides": {"task": hydra.overrides.task}}
                OmegaConf.save({"hydra": kept}, folder / ".hydra/hydra.yaml")
            return config

        yield start
    HydraConfig.instance().cfg = None


def row(run, score, *, preset="p", baseline="p", changes="", count=0, status="finished", mode="max", **more):
    fixed = {"run": run, "preset": preset, "baseline": baseline, "changes": changes, "change_count": str(count)}
    cost = {"epochs": "3", "minutes": "1.00", "parameters": "2000000", "seed": "1"}
    return fixed | cost | {"monitor": "val", "mode": mode, "score": score, "status": status} | more


def test_rows_are_added_and_columns_grow(tmp_path):
    path = tmp_path / "new/log.csv"
    append_row(path, row("a", "0.5", val_x="1"))
    append_row(path, row("b", "0.6", val_y="2", changes='k="x, y"; z=é'))
    first, second = read_rows(path)
    assert (first["val_x"], first["val_y"], second["val_x"], second["val_y"]) == ("1", "", "", "2")
    assert second["changes"] == 'k="x, y"; z=é'
    assert path.read_text().splitlines()[0].startswith("time,run,preset,baseline,changes,")


def test_what_people_wrote_into_the_table_stays(tmp_path):
    path = tmp_path / "log.csv"
    append_row(path, row("a", "0.5"))
    text = path.read_text()
    path.write_bytes("\ufeff".encode() + text.rstrip("\n").encode() + b",a remark \xe9\n")
    append_row(path, row("b", "0.6"))
    assert b"a remark \xe9" in path.read_bytes()
    assert [found["run"] for found in read_rows(path)] == ["a", "b"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_note_that_was_edited_in_a_spreadsheet_stays_and_so_do_columns_of_peoples_own(tmp_path, line_end):
    path = tmp_path / "log.csv"
    append_row(path, row("a", "0.5", note="plain"))
    with path.open(newline="") as file:
        header, cells = csv.reader(file)
    note = f'배치 32; "too large",{line_end}so 16'
    header[header.index("note") + 1 : 0] = ["problem", "effect"]
    cells[header.index("note") : header.index("note") + 1] = [note, "메모리, 부족", '"slow"']
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([header, cells])
    path.write_bytes("\ufeff".encode() + text.getvalue().encode())
    append_row(path, row("b", "0.6", note='another, "too"'))
    first, second = read_rows(path)
    assert (first["note"], first["problem"], first["effect"]) == (note, "메모리, 부족", '"slow"')
    assert (second["note"], second["problem"]) == ('another, "too"', "")
    assert list(first)[: len(header)] == header
    assert path.read_bytes().startswith("\ufefftime,".encode())


def test_a_log_from_before_the_notes_reads_and_gets_their_column_beside_the_result(tmp_path):
    path = tmp_path / "log.csv"
    columns = [name for name in COLUMNS if name != "note"]
    write_table(path, [row("a", "0.5")], columns)
    print_experiments(ranked(read_rows(path)), console=Console(file=io.StringIO()))
    append_row(path, row("b", "0.6", note="why"))
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert [found["note"] for found in read_rows(path)] == ["", "why"]


def test_runs_that_end_at_once_lose_no_row(tmp_path):
    path = tmp_path / "log.csv"
    threads = [
        threading.Thread(target=append_row, args=(path, row(str(number), "0.5", **{f"val_{number}": "1"})))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = read_rows(path)
    assert sorted(int(found["run"]) for found in rows) == list(range(12))
    assert all(found[f"val_{found['run']}"] == "1" for found in rows)


@pytest.mark.parametrize("text", [None, "", "a,b\n1,2\n"])
def test_a_file_that_is_no_log_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / "log.csv").write_text(text)
    with pytest.raises(ValueError, match=r"log\.csv: expected a table of experiments"):
        read_rows(tmp_path / "log.csv")


@pytest.mark.parametrize("runner", ["train", "pretrain"])
def test_a_preset_as_it_stands_changes_nothing(run_of, runner):
    preset = "quickstart" if runner == "train" else BATTERY
    changes = find_changes(run_of(runner, f"preset={preset}", "seed=7", "datasets.num_workers=0"), None)
    assert (changes.baseline, changes.settings, changes.count, str(changes)) == (preset, {}, 0, "")


def test_each_key_that_was_typed_is_one_change_whatever_follows_it(run_of):
    """The size of all three parts follows one key."""
    config = run_of("train", "datasets.img_size=320", "models.optimizer.lr=0.1", "datasets.train.scale=[1,2]")
    changes = find_changes(config, None)
    assert str(changes) == "datasets.img_size=320; datasets.train.scale=[1,2]; models.optimizer.lr=0.1"
    assert changes.count == 3


def test_a_part_or_variant_is_one_change_whatever_it_sets(run_of):
    assert str(find_changes(run_of("pretrain", f"preset={BATTERY}", "variant=augmented"), None)) == "variant=augmented"
    config = run_of("pretrain", f"preset={BATTERY}", "variant=cosine", "models.schedule.final=0.5")
    assert str(find_changes(config, None)) == "variant=cosine; models.schedule.final=0.5"
    config = run_of("train", "preset/models@models=hrnet_w44_fpn", "models.optimizer.lr=0.0015")
    assert str(find_changes(config, None)) == "preset/models=hrnet_w44_fpn"


@pytest.mark.parametrize(
    ("typed", "changes", "count"),
    [
        ("none", "", 0),
        ("[]", "", 0),
        ("[none]", "", 0),
        ("cosine", "variant=cosine", 1),
        ("[cosine]", "variant=cosine", 1),
        ("[cosine,none,cosine]", "variant=cosine", 1),
        ("[augmented,cosine]", "variant=[augmented,cosine]", 2),
        ("[cosine, augmented]", "variant=[cosine,augmented]", 2),
    ],
)
def test_each_of_several_variants_is_one_change(run_of, typed, changes, count):
    found = find_changes(run_of("pretrain", f"preset={BATTERY}", f"variant={typed}"), None)
    assert (str(found), found.count) == (changes, count)


def test_a_setting_beside_several_variants_is_a_change_of_its_own(run_of):
    config = run_of("pretrain", f"preset={BATTERY}", "variant=[augmented,cosine]", "models.schedule.final=0.5")
    changes = find_changes(config, None)
    assert (str(changes), changes.count) == ("variant=[augmented,cosine]; models.schedule.final=0.5", 3)


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
    found = find_changes(run_of("pretrain", f"preset={BATTERY}", f"variant={now}"), str(tmp_path))
    assert (str(found), found.count) == (changes, count)


@pytest.mark.parametrize("runner", ["train", "pretrain"])
def test_a_note_is_no_change(run_of, runner):
    preset = "quickstart" if runner == "train" else BATTERY
    config = run_of(runner, f"preset={preset}", "experiment.note=only bookkeeping")
    assert find_changes(config, None).settings == {}


def test_where_data_lies_is_told_but_does_not_count(run_of):
    changes = find_changes(run_of("pretrain", f"preset={BATTERY}", "datasets.root=elsewhere"), None)
    assert (str(changes), changes.count) == ("datasets.root=elsewhere", 0)


def test_a_run_may_be_the_baseline(run_of, tmp_path):
    run_of("pretrain", f"preset={BATTERY}", "trainer.max_epochs=3", folder=tmp_path)
    config = run_of("pretrain", f"preset={BATTERY}", "trainer.max_epochs=3", "models.mixup=0.2", "variant=cosine")
    changes = find_changes(config, str(tmp_path))
    assert (changes.baseline, str(changes)) == (str(tmp_path), "variant=cosine; models.mixup=0.2")


def test_settings_that_came_after_the_baselines_run_are_no_changes(run_of, tmp_path):
    run_of("pretrain", f"preset={BATTERY}", folder=tmp_path)
    old = OmegaConf.load(tmp_path / ".hydra/config.yaml")
    del old.models["mixup"]
    OmegaConf.save(old, tmp_path / ".hydra/config.yaml")
    assert str(find_changes(run_of("pretrain", f"preset={BATTERY}"), str(tmp_path))) == ""


def test_a_baseline_that_is_no_run_is_refused(run_of, tmp_path):
    with pytest.raises(ValueError, match=r"expected the folder of a run at experiment\.baseline="):
        find_changes(run_of("pretrain", f"preset={BATTERY}"), str(tmp_path))


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
    settings = (f"experiment.log={tmp_path / 'log.csv'}", "seed=5", 'experiment.note="larger, 배치"')
    config = run_of("pretrain", f"preset={BATTERY}", *settings)

    def training():
        with logged_run(config, tmp_path / "run") as run:
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
    (found,) = read_rows(tmp_path / "log.csv")
    assert (found["status"], found["run"], found["seed"]) == (status, str(tmp_path / "run"), "5")
    assert (found["test_accuracy"], found["score"], found["parameters"]) == ("0.25", "", "0")
    assert found["note"] == "larger, 배치"


def test_a_training_that_never_began_leaves_no_row(run_of, tmp_path):
    config = run_of("pretrain", f"preset={BATTERY}", f"experiment.log={tmp_path / 'log.csv'}")
    with pytest.raises(ValueError, match="a typo"), logged_run(config, tmp_path):
        raise ValueError("a typo")
    assert not list(tmp_path.iterdir())


def test_a_log_that_cannot_be_written_costs_a_warning_not_the_training(run_of, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    config = run_of("pretrain", f"preset={BATTERY}", f"experiment.log={tmp_path / 'file/log.csv'}")
    with logged_run(config, tmp_path):
        pass
    assert "lacks this run" in caplog.text


def test_the_best_come_first_with_their_difference_to_the_presets_first_unchanged_run():
    rows = [
        row("tried", "0.7", changes="lr=1", count=1),
        row("first", "0.6"),
        row("again", "0.65"),
        row("crashed", "", status="failed"),
        row("many", "0.5", changes="lr=1; k=2", count=2),
    ]
    found = ranked(rows)
    assert [one["run"] for one in found] == ["tried", "again", "first", "many", "crashed"]
    assert [one["difference"] for one in found] == ["+0.1", "+0.05", "+0", "-0.1", ""]
    assert [one["mark"] for one in found] == ["", "", "baseline", MARK, ""]


def test_of_a_loss_the_smallest_comes_first_and_of_a_cost_too():
    rows = [row("a", "0.7", mode="min", minutes="9"), row("b", "0.6", mode="min", minutes="10")]
    assert [one["run"] for one in ranked(rows)] == ["b", "a"]
    assert [one["run"] for one in ranked(rows, "minutes")] == ["a", "b"]


def test_a_row_is_compared_with_the_run_that_it_names():
    rows = [row("first", "0.6"), row("better", "0.9", changes="k=1", count=1)]
    rows.append(row("next", "0.95", baseline="better", changes="lr=1", count=1))
    assert ranked(rows)[0]["difference"] == "+0.05"


def test_any_column_may_be_compared_and_another_is_refused():
    rows = [row("a", "0.6", test_f1="0.5"), row("b", "0.5", changes="k=1", count=1, test_f1="0.75")]
    assert [(one["run"], one["difference"]) for one in ranked(rows, "test_f1")] == [("b", "+0.25"), ("a", "+0")]
    with pytest.raises(
        ValueError, match=r"expected sort to be a column of the table, got 'test_f2'; there are .*test_f1"
    ):
        ranked(rows, "test_f2")


def test_people_see_the_changes_the_difference_the_mark_and_the_cost():
    text = io.StringIO()
    rows = [row("outputs/p/one", "0.6"), row("outputs/p/two", "0.5", changes="models.x.lr=[1]; k=2", count=2)]
    print_experiments(ranked(rows), console=Console(file=text, width=100))
    for words in ("p, by val", "x.lr=[1]", "k=2", f"({MARK})", "(baseline)", "-0.1", "1.00", "2.00", " two "):
        assert words in text.getvalue()


def test_a_note_stands_below_the_changes_and_leaves_the_table_within_100_columns():
    text = io.StringIO()
    note = "the rate was too high for batches of 16, so it oscillated\n학습률 [0.1] again \udce9"
    rows = [row("outputs/p/2026-07-01_10-00-00", "0.512345", changes="models.optimizer.lr=0.1", count=1, note=note)]
    print_experiments(ranked(rows), console=Console(file=text, width=100))
    lines = text.getvalue().splitlines()
    assert all(cell_len(line) <= 100 for line in lines)
    cells = [line.split("│")[2].strip() for line in lines if line.startswith("│")]
    assert cells[0] == "optimizer.lr=0.1"
    assert " ".join(cells[1:]) == r"the rate was too high for batches of 16, so it oscillated 학습률 [0.1] again \udce9"


def test_the_command_shows_one_preset_and_writes_the_table(tmp_path, monkeypatch, capsys):
    log = tmp_path / "log.csv"
    append_row(log, row("mine", "0.5", preset=BATTERY, baseline=BATTERY))
    append_row(log, row("other", "0.6", preset="quickstart", baseline="quickstart"))
    arguments = (f"log={log}", f"preset={BATTERY}", f"output={tmp_path / 'shown.csv'}")
    assert call(monkeypatch, "experiments", *arguments) == 0
    said = capsys.readouterr().out
    assert "mine" in said
    assert "other" not in said
    with (tmp_path / "shown.csv").open(newline="") as file:
        assert [(one["run"], one["mark"]) for one in csv.DictReader(file)] == [("mine", "baseline")]


def scored(run, *, part="test", name="accuracy", value=0.9, **more):
    scores = {f"{part}_{score}": "0.5" for score in ("precision", "recall", "loss")} | {f"{part}_{name}": str(value)}
    return row(run, str(value), **more, **scores)


def charts(*rows):
    return [comparison.chart for comparison in compare_runs(ranked(rows))]


def test_finished_runs_are_compared_by_their_test_and_named_by_what_they_changed():
    unchanged = scored("first", value=0.8, changes="datasets.root=elsewhere") | {"val_accuracy": "0.1"}
    network = scored("second", changes="datasets.root=elsewhere; models.network.name=plain_cnn", count=1)
    (chart,) = charts(unchanged, network, scored("crashed", status="failed"), row("without scores", "0.7"))
    assert chart.title == "p: test part"
    assert chart.runs == [
        ("network.name=plain_cnn", {"accuracy": 0.9, "precision": 0.5, "recall": 0.5, "loss": 0.5}),
        ("p", {"accuracy": 0.8, "precision": 0.5, "recall": 0.5, "loss": 0.5}),
    ]


def test_a_run_without_a_test_has_its_validation_and_says_so_beside_others():
    alone = scored("a", part="val")
    assert charts(alone)[0].title == "p: validation part (best epoch)"
    assert [run.label for run in charts(alone)[0].runs] == ["p"]
    (chart,) = charts(alone, scored("b", value=0.8, changes="k=1", count=1))
    assert chart.title == "p: test part or validation part (best epoch)"
    assert [run.label for run in chart.runs] == ["p (validation)", "k=1"]


def test_detectors_have_their_own_scores_and_chart():
    detector = scored("b", part="val", name="hmean", preset="quickstart", baseline="quickstart")
    classifiers, detectors = charts(scored("a"), detector)
    assert classifiers.title == "p: test part"
    assert detectors.title == "quickstart: validation part (best epoch)"
    assert detectors.runs == [("quickstart", {"hmean": 0.9, "precision": 0.5, "recall": 0.5})]


def test_runs_of_the_same_changes_are_told_apart_by_seed_or_folder():
    rows = [scored("outputs/p/1", seed="1"), scored("outputs/p/2", seed="2"), scored("outputs/p/3", seed="2")]
    (chart,) = charts(*rows, scored("outputs/p/4", seed="2", changes="k=1", count=1))
    assert [run.label for run in chart.runs] == ["p, seed 1", "p, seed 2, 2", "p, seed 2, 3", "k=1"]


def test_many_changes_a_baselines_run_and_several_presets_are_named():
    rows = [
        scored("a", changes="a.b.c=1; d=2; e=3; f=4; g=5", count=5),
        scored("b", baseline="outputs/p/old", value=0.8),
        scored("c", preset="classify/q", baseline="classify/q"),
        scored("d", preset="classify/q", baseline="classify/q", changes="k=1", count=1, value=0.8),
    ]
    (chart,) = charts(*rows)
    assert chart.title == "classify/q and p: test part"
    labels = ["classify/q", "q: k=1", "p: b.c=1, d=2, e=3 and 2 more", "p: nothing changed from old"]
    assert [run.label for run in chart.runs] == labels


def test_what_all_runs_changed_is_in_no_label():
    shared = "datasets.source=zip; trainer.max_epochs=4"
    rows = [scored("a", changes=shared, count=2), scored("b", changes=f"{shared}; network.skip=false", count=3)]
    (chart,) = charts(*rows)
    assert [run.label for run in chart.runs] == ["p", "network.skip=false"]


def test_where_there_are_too_many_runs_the_unchanged_one_stays_and_the_others_are_named():
    rows = [scored(f"r{number}", value=0.9 - number / 100, changes=f"k={number}", count=1) for number in range(9)]
    (comparison,) = compare_runs(ranked([*rows, scored("unchanged", value=0.1)]))
    assert [run.label for run in comparison.chart.runs] == [*(f"k={number}" for number in range(7)), "p"]
    assert comparison.left_out == ["r7", "r8"]
    assert comparison.chart.title.endswith("\n8 of 10 runs: the unchanged ones and the first of the others")


def test_the_command_draws_the_scores_of_one_preset(tmp_path, monkeypatch, capsys):
    log, image = tmp_path / "log.csv", tmp_path / "new/runs.png"
    for number in range(9):
        changed = {"changes": f"k={number}", "count": 1} if number else {}
        append_row(log, scored(f"r{number}", preset=BATTERY, baseline=BATTERY, value=0.9 - number / 100, **changed))
    append_row(log, row("other", "0.6"))
    assert call(monkeypatch, "experiments", f"log={log}", f"preset={BATTERY}", f"plot={image}") == 0
    *_, written, left_out = capsys.readouterr().out.splitlines()
    assert (written, left_out) == (str(image), "no room in the chart for r8")
    assert [path.name for path in image.parent.iterdir()] == ["runs.png"]
    assert cv2.imread(str(image)).std() > 10
    assert call(monkeypatch, "experiments", f"log={log}", f"plot={image}", "preset=quickstart") == 1
    assert call(monkeypatch, "experiments", f"log={log}", f"plot={tmp_path / 'runs.pdf'}") == 1
    assert "expected the name of an image that ends in .png" in capsys.readouterr().out


def test_the_command_draws_the_curves_of_the_runs_whose_folders_are_there(tmp_path, monkeypatch, capsys):
    log, image = tmp_path / "log.csv", tmp_path / "curves.png"
    for number in range(2):
        append_row(log, scored(str(tmp_path / f"r{number}"), preset=BATTERY, baseline=BATTERY))
    (tmp_path / "r1").mkdir()
    (tmp_path / "r1/summary.json").write_text(json.dumps({"epochs": [{"train_loss": 2.0}, {"train_loss": 1.0}]}))
    assert [curve.epochs for curve in read_curves(ranked(read_rows(log)))] == [
        [{"train_loss": 2.0}, {"train_loss": 1.0}]
    ]
    assert call(monkeypatch, "experiments", f"log={log}", f"preset={BATTERY}", f"curves={image}") == 0
    assert cv2.imread(str(image)).std() > 5
    (tmp_path / "r1/summary.json").write_text("{}")
    assert call(monkeypatch, "experiments", f"log={log}", f"curves={image}") == 1
    (tmp_path / "r1/summary.json").unlink()
    assert call(monkeypatch, "experiments", f"log={log}", f"curves={image}") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "summary.json: expected the summary of a training, got one without epochs" in said
    assert "expected the folders of the 2 chosen runs with their summary.json, found none" in said


def test_a_chart_wants_scores(tmp_path, monkeypatch, capsys):
    append_row(tmp_path / "log.csv", scored("a", status="failed"))
    assert call(monkeypatch, "experiments", f"log={tmp_path / 'log.csv'}", f"plot={tmp_path / 'runs.png'}") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "expected a finished run with an accuracy or hmean of test or validation, got none among the 1 chosen" in said
    )
    assert not (tmp_path / "runs.png").exists()


def test_the_command_names_what_it_lacks(tmp_path, monkeypatch, capsys):
    assert call(monkeypatch, "experiments", f"log={tmp_path / 'none.csv'}") == 1
    assert "none.csv: expected a table of experiments" in capsys.readouterr().out
    assert call(monkeypatch, "experiments", "preset=nix") == 2
    assert BATTERY in capsys.readouterr().err


def test_columns_that_somebody_removed_or_filled_otherwise_do_no_harm(tmp_path):
    """Inputs that fuzzing found."""
    names = ("run", "preset", "score", "change_count", "changes")
    write_table(tmp_path / "log.csv", [dict(zip(names, ("r", "p", "0.5", "two", "x" * 200_000), strict=True))], names)
    text = io.StringIO()
    rows = ranked(read_rows(tmp_path / "log.csv"))
    print_experiments(rows, console=Console(file=text, width=100))
    assert (rows[0]["monitor"], rows[0]["mark"]) == ("", "")
    assert len(text.getvalue()) < 10_000


@pytest.mark.parametrize("epochs", [3, [3], [{"train_loss": "nan"}], [{"val_hmean": [0.5]}], None])
def test_a_summary_of_something_else_is_refused(tmp_path, epochs):
    (tmp_path / "summary.json").write_text(json.dumps({"epochs": epochs}))
    with pytest.raises(ValueError, match=r"summary\.json: expected the summary of a training, got"):
        read_curves([row(str(tmp_path), "0.5")])
