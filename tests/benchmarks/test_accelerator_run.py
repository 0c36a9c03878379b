"""The stages of a run on an accelerator: one after the other, within the budget, whatever happens to one of them."""

import json
import subprocess
import sys

import pytest

from baseline_code.training.callbacks import EpochLine
from benchmarks import accelerator
from benchmarks.reference_run import run as run_module
from benchmarks.reference_run.detectors import join
from benchmarks.reference_run.machine import missing_modules
from benchmarks.reference_run.phases import Phases
from benchmarks.reference_run.plan import BUDGET, DRY, REAL, STAGES, Stage
from benchmarks.reference_run.run import run_all
from benchmarks.reference_run.tables import MARKED, write_tables
from benchmarks.training_step import compose_preset
from ocr.submission.predictions import read_predictions
from runners.wiring.detector import load_detector
from tests.commands import ROOT, run
from tests.lightning_modules.experiment import configured, fit, overriding, two_words, write_split

ODD = "tests.benchmarks.odd_stages"


@pytest.fixture
def run_odd(tmp_path, monkeypatch):
    """Runs odd stages, in processes that preload nothing; gives the exit status and what is known of each stage."""
    monkeypatch.setattr(run_module, "PRELOADED", [])
    monkeypatch.setattr(run_module, "WARM_UP", Stage("warm_up", "tests.benchmarks.no_such_module", 1, 0))
    monkeypatch.setattr(run_module, "GRACE", 0.5)

    def run(*stages, budget=BUDGET):
        settings = {"budget": budget, "dry": True, "facts": {"commit": "abc"}}
        status = run_all(
            tmp_path, tmp_path / "out", stages=[Stage(name, ODD, *rest) for name, *rest in stages], **settings
        )
        return status, json.loads((tmp_path / "out" / "results.json").read_text())["stages"]

    return run


def test_all_is_well_where_every_stage_ends(run_odd):
    status, stages = run_odd(("ends", 100, 5))
    assert status == 0
    assert stages["ends"]["status"] == "done"
    assert stages["ends"]["rows"] == [{"begun": True}]
    assert 0 <= stages["ends"]["seconds"] < 60  # a tenth of a second is told


def test_a_stage_that_fails_or_dies_stops_no_other(run_odd, tmp_path, capfd):
    status, stages = run_odd(("fails", 100, 5), ("dies", 100, 5), ("ends", 100, 5))
    assert status == 1
    assert {name: stage["status"] for name, stage in stages.items()} == {
        "fails": "failed", "dies": "failed", "ends": "done"
    }  # fmt: skip
    assert stages["fails"]["reason"] == "expected luck, got none"
    assert stages["dies"]["reason"] == "ended by signal 9"
    log = (tmp_path / "out" / "log.txt").read_text()
    assert "before the error" in log
    assert "Traceback" in log
    assert "fails: failed after" in capfd.readouterr().out


def test_a_stage_is_ended_when_its_share_is_used_up(run_odd):
    status, stages = run_odd(("hangs", 3, 1), ("ends", 100, 5))
    assert status == 3
    assert (stages["hangs"]["status"], stages["hangs"]["allowed_s"]) == ("stopped", 3.0)
    assert stages["hangs"]["rows"] == [{"begun": True}]  # what it found before is kept
    assert stages["hangs"]["seconds"] < 10
    assert stages["ends"]["status"] == "done"


def test_a_stage_that_no_longer_fits_is_named_as_skipped(run_odd):
    """Half the budget halves what a stage needs."""
    status, stages = run_odd(("ends", float("inf"), 1000), budget=270)
    assert status == 3
    assert stages["ends"] == {"status": "skipped", "reason": "270 s are left, it needs 500", "seconds": 0.0}


def test_the_shares_leave_time_for_the_last_stage():
    *others, last = STAGES
    assert last.seconds == float("inf")
    assert sum(stage.seconds for stage in others) + last.least <= BUDGET
    assert all(stage.least <= stage.seconds for stage in STAGES)


@pytest.mark.parametrize("sizes", [REAL, DRY])
@pytest.mark.parametrize("preset", ["resnet50_unet_1024", "hrnet_w44_fpn_1280"])
def test_the_settings_of_a_run_exist(sizes, preset):
    assert not compose_preset(preset, *sizes.overrides).models["encoder"]["pretrained"]


def test_modules_that_a_machine_lacks_are_named(monkeypatch, capsys):
    assert missing_modules() == []
    monkeypatch.setattr(accelerator, "missing_modules", lambda: ["numba", "hydra"])
    assert accelerator.main(["run", "--data", "d", "--output", "o"]) == 2
    assert "got none of numba, hydra: pip install --no-deps --no-index PACK/wheels/*" in capsys.readouterr().err


def test_a_run_on_an_accelerator_wants_receipts(tmp_path, capsys):
    assert accelerator.main(["run", "--output", str(tmp_path)]) == 2
    assert "expected --data" in capsys.readouterr().err


def test_receipts_that_are_not_there_are_named_before_any_stage(tmp_path, capsys):
    assert accelerator.main(["run", "--data", str(tmp_path / "pack"), "--output", str(tmp_path / "out")]) == 2
    path = tmp_path / "pack" / "jsons" / "train.json"
    assert capsys.readouterr().err == f"expected {path}, got no such file: give --data PACK/receipts\n"
    assert not (tmp_path / "out").exists()


def test_results_of_an_earlier_run_are_never_replaced(run_odd, tmp_path):
    run_odd(("ends", 100, 5))
    with pytest.raises(FileExistsError, match=r"results\.json: results of an earlier run; give another --output"):
        run_odd(("fails", 100, 5))
    assert list(json.loads((tmp_path / "out" / "results.json").read_text())["stages"]) == ["ends"]


def test_a_training_stops_before_an_epoch_that_would_not_end_in_time(tmp_path):
    write_split(tmp_path, "train", {"a.png": two_words(0), "b.png": two_words(1)})
    write_split(tmp_path, "val", {"c.png": two_words(2)})
    line, rows = EpochLine(), []
    left = iter([1000.0, 0.0])
    phases = Phases(line, lambda: next(left), rows.append)
    fit(configured(tmp_path, "trainer.max_epochs=5"), tmp_path / "run", line, phases)
    assert [epoch.epoch for epoch in rows] == [1, 2]
    assert phases.out_of_time
    assert phases.epochs == rows
    row = rows[1].row()
    assert {"val_hmean", "train_loss", "waiting", "saving_s"} <= set(row)
    assert min(row[name] for name in ("training_s", "validation_s", "saving_s", "images_per_s")) > 0


@pytest.fixture(scope="module")
def dry(tmp_path_factory):
    """The whole of it, as benchmarks/README.md says; the folder that it wrote."""
    output = tmp_path_factory.mktemp("accelerator") / "out"
    command = [sys.executable, "benchmarks/accelerator.py", "run", "--dry-run", "--output", output]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr + (output / "log.txt").read_text()[-4000:]
    return output


@pytest.mark.slow
class TestTheDryRun:
    def test_every_stage_is_done_and_found_something(self, dry):
        stages = json.loads((dry / "results.json").read_text())["stages"]
        assert {name: stage["status"] for name, stage in stages.items()} == {stage.name: "done" for stage in STAGES}
        assert [name for name, stage in stages.items() if not stage["rows"]] == []
        assert {row["outcome"] for row in stages["checks"]["rows"]} == {"passed"}
        assert len(stages["steps"]["rows"]) == 3 * 2 * 2 + 1
        assert {row["views"] for row in stages["hybrid"]["rows"]} == {"plain", "with its mirror image"}

    def test_few_small_files_come_back(self, dry):
        files = [path.relative_to(dry) for path in dry.rglob("*") if path.is_file()]
        assert len(files) <= 8
        assert max((dry / file).stat().st_size for file in files) <= 16 * 2**20
        assert max(len(file.parts) for file in files) <= 2

    def test_a_detector_that_came_back_predicts(self, dry, tmp_path):
        (folder, *_) = [path for path in dry.iterdir() if path.is_dir()]
        join(folder, tmp_path / "joined.ckpt")
        _, settings = load_detector(tmp_path / "joined.ckpt", overriding())
        assert settings.models["decoder"]["inner_channels"] == 16
        settings = ("images=val", f"output={tmp_path / 'found'}", "datasets.root=data/sample", "ledger=null")
        done = run("predict", f"checkpoint_path={tmp_path / 'joined.ckpt'}", *settings)
        assert done.returncode == 0, done.stderr
        assert len(read_predictions(tmp_path / "found" / "predictions.json")) == 12

    def test_its_results_fill_every_table(self, dry, tmp_path):
        results = json.loads((dry / "results.json").read_text())
        with pytest.raises(ValueError, match="expected the results of an accelerator, got those of a dry run"):
            write_tables(results, ROOT)
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "results.md").write_text((ROOT / "docs" / "results.md").read_text())
        text = MARKED.search(write_tables(results | {"dry_run": False}, tmp_path).read_text())[0]
        for title in ("Goals", "Stages", "Ceilings", "Checks", "Training steps", "From files", "Reference", "Hybrid"):
            assert f"**{title}" in text
        assert text.count("**The curve of") == 3


def test_nothing_that_is_preloaded_touches_a_device():
    """A process forked after that could not use it."""
    code = """
import importlib, os, torch
from benchmarks.reference_run.run import PRELOADED
for module in PRELOADED:
    importlib.import_module(module)
if os.fork() == 0:
    os._exit(torch.cuda._is_in_bad_fork() or len(os.listdir("/proc/self/task")) > 1)
raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
