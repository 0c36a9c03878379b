"""Runs of the experiment log, chosen and named for a chart."""

import json

import pytest

from ocr.experiments.charts import compare_runs, read_curves
from ocr.experiments.log import ranked
from tests.experiments.runs import row, scored


def charts(*rows):
    return [one.chart for one in compare_runs(ranked(rows))]


def test_finished_runs_are_compared_by_their_test_and_named_by_what_they_changed():
    unchanged = scored("first", value=0.8, changes="datasets.root=elsewhere") | {"val_accuracy": "0.1"}
    network = scored("second", changes="datasets.root=elsewhere; models.network.name=plain_cnn", count=1)
    (chart,) = charts(unchanged, network, scored("crashed", status="failed"), row("without scores", "0.7"))
    assert chart.title == "p: test split"
    assert chart.runs == [
        ("network.name=plain_cnn", {"accuracy": 0.9, "precision": 0.5, "recall": 0.5, "loss": 0.5}),
        ("p", {"accuracy": 0.8, "precision": 0.5, "recall": 0.5, "loss": 0.5}),
    ]


def test_a_run_without_a_test_has_its_validation_and_says_so_beside_others():
    alone = scored("a", split="val")
    assert charts(alone)[0].title == "p: validation split (best epoch)"
    assert [run.label for run in charts(alone)[0].runs] == ["p"]
    (chart,) = charts(alone, scored("b", value=0.8, changes="k=1", count=1))
    assert chart.title == "p: test split or validation split (best epoch)"
    assert [run.label for run in chart.runs] == ["p (validation)", "k=1"]


def test_detectors_have_their_own_scores_and_chart():
    detector = scored("b", split="val", name="hmean", preset="quickstart", baseline="quickstart")
    classifiers, detectors = charts(scored("a"), detector)
    assert classifiers.title == "p: test split"
    assert detectors.title == "quickstart: validation split (best epoch)"
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
    assert chart.title == "classify/q and p: test split"
    labels = ["classify/q", "q: k=1", "p: b.c=1, d=2, e=3 and 2 more", "p: nothing changed from old"]
    assert [run.label for run in chart.runs] == labels


def test_what_all_runs_changed_is_in_no_label():
    shared = "datasets.source=zip; trainer.max_epochs=4"
    rows = [scored("a", changes=shared, count=2), scored("b", changes=f"{shared}; network.skip=false", count=3)]
    (chart,) = charts(*rows)
    assert [run.label for run in chart.runs] == ["p", "network.skip=false"]


def test_where_there_are_too_many_runs_the_unchanged_one_stays_and_the_others_are_named():
    rows = [scored(f"r{number}", value=0.9 - number / 100, changes=f"k={number}", count=1) for number in range(9)]
    (chart,) = compare_runs(ranked([*rows, scored("unchanged", value=0.1)]))
    assert [run.label for run in chart.chart.runs] == [*(f"k={number}" for number in range(7)), "p"]
    assert chart.left_out == ["r7", "r8"]
    assert chart.chart.title.endswith("\n8 of 10 runs: the unchanged ones and the first of the others")


def test_a_training_that_went_on_has_one_curve(tmp_path):
    epochs = [{"train_loss": 2.0}, {"train_loss": 1.0}]
    (tmp_path / "summary.json").write_text(json.dumps({"epochs": epochs}))
    interrupted = row(str(tmp_path), "0.9", status="interrupted", changes="lr=1", count=1, time="2026-01-01 10:00:00")
    finished = row(str(tmp_path), "0.7", time="2026-01-02 10:00:00")
    (curve,) = read_curves([interrupted, finished])
    assert (curve.label, curve.epochs) == ("p", epochs)


@pytest.mark.parametrize("epochs", [3, [3], [{"train_loss": "nan"}], [{"val_hmean": [0.5]}], None])
def test_a_summary_of_something_else_is_refused(tmp_path, epochs):
    (tmp_path / "summary.json").write_text(json.dumps({"epochs": epochs}))
    with pytest.raises(ValueError, match=r"summary\.json: expected the summary of a training, got"):
        read_curves([row(str(tmp_path), "0.5")])
