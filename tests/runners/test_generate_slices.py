"""`runners/generate_slices.py` as users call it."""

import os
import subprocess
import sys
from pathlib import Path

from hydra import compose, initialize_config_dir

from runners.cli.entry import CONFIG_DIR

ROOT = Path(__file__).parents[2]


def generate(*arguments):
    command = [sys.executable, "runners/generate_slices.py", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_default_is_the_size_of_the_reference_data():
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        config = compose("generate_slices", ["output=unused"])
    assert (config.train, config.val, config.test, config.size) == (4000, 500, 500, 512)


def test_slices_are_written_once_and_refused_where_files_are(tmp_path):
    arguments = (f"output={tmp_path / 'battery'}", "train=4", "val=2", "test=0", "size=64", "seed=3")
    run = generate(*arguments)
    assert run.returncode == 0, run.stderr
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png")}
    assert written == {
        *(f"battery/train/{name}.png" for name in ("normal/00000", "defect/00001", "normal/00002", "defect/00003")),
        *(f"battery/val/{name}.png" for name in ("normal/00000", "defect/00001")),
    }
    refused = generate(*arguments)
    assert refused.returncode == 1
    assert "set overwrite=true" in " ".join(refused.stderr.split())


def test_a_missing_output_and_an_impossible_size_are_named(tmp_path):
    run = generate("train=1")
    assert (run.returncode, "output" in run.stderr) == (2, True)
    run = generate(f"output={tmp_path / 'battery'}", "train=1", "val=0", "test=0", "size=8")
    assert run.returncode == 1
    assert "expected size >= 64, got 8" in " ".join(run.stderr.split())
