"""Each benchmark runs as docs/speed.md says, and writes what it shows; how fast anything is is not tested."""

import json
import subprocess
import sys

import pytest

from tests.commands import ROOT

SHARED = {"__init__", "accelerator", "peers", "report", "scenes", "training_step"}
SCRIPTS = sorted(path for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in SHARED)
SHORTER = {
    "batching": ["--images=2"],
    "calibration_grid": ["--images=2"],
    "elsewhere": ["--images=1"],
    "predict": ["--images=1", "--threads=1", "--starts=1", "--pages=2", "--programs", "onnxruntime", "rapidocr"],
    "step": ["--size=96"],
    "validation": ["--images=2"],
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_it_runs_and_writes_its_table(script, tmp_path):
    table = tmp_path / "table.json"
    command = [sys.executable, script, "--rounds=1", f"--json={table}", *SHORTER.get(script.stem, [])]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    content = json.loads(table.read_text())
    assert content["title"] in " ".join(done.stdout.split())
    assert content["rows"]
    assert content["machine"]["cores"] >= 1
    for row in content["rows"]:
        numbers = [value for value in row.values() if isinstance(value, float)]
        assert numbers
        assert min(numbers) >= 0


def test_the_readme_and_make_name_every_benchmark():
    listed = subprocess.run(["make", "-n", "benchmarks"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    for script in SCRIPTS:
        assert f"benchmarks/{script.name}" in listed
        assert f"benchmarks/{script.name}" in (ROOT / "docs/speed.md").read_text()
