"""`runners/experiments.py`: the experiment log as a table, a CSV and charts."""

import csv
import json

import cv2
import numpy as np

from ocr.experiments.charts import read_curves
from ocr.experiments.log import LOG, append_row, ranked
from ocr.experiments.table import read_rows
from tests.classifier_runs import call
from tests.experiments.runs import row, scored

BATTERY = "classify/battery_resnet18_512"


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


def test_the_log_is_never_replaced_and_another_table_only_where_that_is_asked_for(tmp_path, monkeypatch, capsys):
    log, other = tmp_path / "log.csv", tmp_path / "other.csv"
    append_row(log, row("mine", "0.5", preset=BATTERY, baseline=BATTERY))
    append_row(log, row("other", "0.6", preset="quickstart", baseline="quickstart"))
    written = log.read_bytes()
    (tmp_path / "linked.csv").symlink_to(log)
    (tmp_path / "new").mkdir()
    for output in (log, tmp_path / "linked.csv", tmp_path / "new/../log.csv"):
        arguments = (f"log={log}", f"preset={BATTERY}", f"output={output}")
        assert [call(monkeypatch, "experiments", *arguments, *more) for more in ((), ("overwrite=true",))] == [1, 1]
        said = capsys.readouterr().out
        refused = f"{output}: expected a file that the command does not read, got log=: choose another output="
        assert said.count(refused) == 2
        assert log.read_bytes() == written
    other.write_text("by hand\n")
    arguments = (f"log={log}", f"preset={BATTERY}", f"output={other}")
    assert call(monkeypatch, "experiments", *arguments) == 1
    assert "other.csv is there already: choose another output=, or set overwrite=true" in capsys.readouterr().out
    assert other.read_text() == "by hand\n"
    assert call(monkeypatch, "experiments", *arguments, "overwrite=true") == 0
    assert "mine" in other.read_text()


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
    assert call(monkeypatch, "experiments", f"log={log}", f"preset={BATTERY}", f"plot={image}") == 0  # drawn anew
    scan = tmp_path / "scan.png"
    cv2.imwrite(str(scan), np.zeros((9, 9, 3), np.uint8))
    before = scan.read_bytes()
    for setting in ("plot", "curves"):
        assert call(monkeypatch, "experiments", f"log={log}", f"preset={BATTERY}", f"{setting}={scan}") == 1
        said = " ".join(capsys.readouterr().out.split())
        assert f"scan.png is there already and is no chart: choose another {setting}=, or move it" in said
    assert scan.read_bytes() == before
    assert call(monkeypatch, "experiments", f"log={log}", f"plot={image}", "preset=quickstart") == 1
    assert call(monkeypatch, "experiments", f"log={log}", f"plot={tmp_path / 'runs.pdf'}") == 1
    assert "expected the name of an image that ends in .png" in capsys.readouterr().out


def test_the_command_draws_the_curves_of_the_runs_whose_folders_are_there(tmp_path, monkeypatch, capsys):
    log, image = tmp_path / "log.csv", tmp_path / "curves.png"
    for number in range(2):
        append_row(log, scored(str(tmp_path / f"r{number}"), preset=BATTERY, baseline=BATTERY))
    (tmp_path / "r1").mkdir()
    (tmp_path / "r1/summary.json").write_text(json.dumps({"epochs": [{"train_loss": 2.0}, {"train_loss": 1.0}]}))
    assert [curve.epochs for curve in read_curves(ranked(read_rows(log, LOG)))] == [
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


def test_the_command_names_what_it_lacks(tmp_path, monkeypatch, capsys):
    assert call(monkeypatch, "experiments", f"log={tmp_path / 'none.csv'}") == 1
    assert "none.csv: expected a table of experiments" in capsys.readouterr().out
    assert call(monkeypatch, "experiments", "preset=nix") == 2
    assert BATTERY in capsys.readouterr().err
