"""Results become tables between markers; what was not measured is said to be so."""

import json

import pytest

from benchmarks.accelerator import main
from benchmarks.reference_run.goals import goal_rows
from benchmarks.reference_run.plan import FIRST, STAGES
from benchmarks.reference_run.tables import render_results, write_tables
from tests.commands import ROOT

MARKERS = "before\n<!-- accelerator -->\nold\n<!-- /accelerator -->\nafter\n"


def results(**stages):
    return {"dry_run": False, "budget_s": 540, "commit": "abc", "stages": stages}


def step(batch, speed, **more):
    row = {"preset": FIRST, "batch": batch, "precision": "bf16", "compiled": False, "step_ms": 1e3 * batch / speed}
    return row | {"images_per_s": speed, "tflops": 1.4 * speed} | more


RATE = {"what": "matrix product, bf16", "rate": 700.0, "unit": "TFLOP/s"}
NO_MEMORY = {"preset": "big", "batch": 16, "precision": "TF32", "compiled": False, "note": "out of memory"}
EPOCH = {"epoch": 1, "training_s": 6.0, "validation_s": 3.0, "saving_s": 1.0, "images_per_s": 66.0, "val_hmean": 0.5}
TRAINED = {"batch": 4, "precision": "bf16-mixed", "epochs": 9, "planned_epochs": 12, "asked_epochs": 20} | {
    "ended": "early stopping",
    "minutes": 1.5,
    "best_epoch": 6,
    "precision_score": 0.98,
    "recall": 0.97,
    "hmean": 0.975,
    "iou_hmean": 0.91,
}


def stage(status, seconds, *rows, **more):
    return {"status": status, "seconds": seconds, "rows": list(rows)} | more


MEASURED = results(
    card=stage("done", 5.0, RATE, machine={"device": "Card X"}),
    checks=stage(
        "failed", 9.0, {"test": "a", "outcome": "passed"}, {"test": "b", "outcome": "failed"}, reason="1 of 2 failed"
    ),
    steps=stage("done", 9.0, step(4, 90.0), step(16, 125.0), step(16, 300.0, compiled=True), NO_MEMORY),
    feeding={"status": "skipped", "seconds": 0.0, "reason": "2 s are left"},
    resnet50_unet_1024=stage("done", 80.0, EPOCH, **TRAINED),
)


def test_rows_show_what_was_measured():
    text = render_results(MEASURED)
    assert f"| {FIRST} | 16 | bf16 | 125 | 128 | 175 | 25 |  |" in text  # 175 of the card's 700 TFLOP/s
    assert f"| {FIRST} | 16 | bf16, compiled | 300 |" in text
    assert "| big | 16 | TF32 | out of memory |  |  |  |  |" in text
    assert "**Checks**: 1 of 2 passed; failed: `b`." in text
    assert "| feeding | skipped | 0.0 | 2 s are left |" in text
    assert (
        f"| {FIRST} | 4, bf16-mixed | 9 (12, 20) | early stopping | 1.5 | 6 | 0.9800 | 0.9700 | 0.9750 | 0.9100 |"
        in text
    )
    assert "From files" not in text
    assert "Hybrid" not in text


def test_goals_are_met_missed_or_not_measured():
    found = {row["what"]: row["found"] for row in goal_rows(MEASURED)}
    assert found == {
        f"{FIRST}, bf16, images/s": "125 (batch 16): met",
        f"{FIRST} from files, fraction of time waiting": "not measured",
        f"{FIRST}, fraction of validation": "30 %: missed",  # 3 s of 10
        f"{FIRST} to its early stopping, minutes": "1.5, early stopping: met",
    }


def test_only_what_stands_between_the_markers_is_replaced(tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "results.md"
    page.write_text(MARKERS)
    (tmp_path / "results.json").write_text(json.dumps(MEASURED))
    assert main(["tables", "--results", str(tmp_path / "results.json"), "--root", str(tmp_path)]) == 0
    filled = page.read_text()
    assert filled.startswith("before\n<!-- accelerator -->\nCommit ")
    assert "Card X" in filled
    assert filled.endswith("|\n<!-- /accelerator -->\nafter\n")
    assert main(["tables", "--root", str(tmp_path)]) == 0
    assert page.read_text().count("Not yet measured") == 1


def test_a_file_without_markers_is_refused(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "results.md").write_text("nothing")
    with pytest.raises(ValueError, match=r"results\.md: expected <!-- accelerator --> .* once, got 0"):
        write_tables(None, tmp_path)


def test_the_guide_names_every_stage():
    guide = (ROOT / "benchmarks" / "README.md").read_text()
    for stage in STAGES:
        assert f"`{stage.name}`" in guide
        assert stage.seconds == float("inf") or str(stage.seconds) in guide
