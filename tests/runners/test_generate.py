"""`runners/generate.py` as users call it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = ("seed=3", "train=1", "val=1", "test=0")


def generate(*arguments):
    command = [sys.executable, "runners/generate.py", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_command_twice_gives_the_same_bytes_and_writes_nowhere_else(tmp_path):
    before = set(ROOT.iterdir())
    for name in ("first", "second"):
        run = generate(f"output={tmp_path / name}", *TINY)
        assert run.returncode == 0, run.stderr
    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert sum(name.endswith(".jpg") for name in first) == 2
    assert first == second
    assert {path.name for path in set(ROOT.iterdir()) - before} <= {".pytest_cache"}


def test_a_folder_with_files_is_refused_unless_told_to_overwrite(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    refused = generate(f"output={tmp_path}", *TINY)
    assert refused.returncode != 0
    assert "set overwrite=true" in " ".join(refused.stderr.split())
    allowed = generate(f"output={tmp_path}", *TINY, "overwrite=true")
    assert allowed.returncode == 0, allowed.stderr
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_missing_output_is_named():
    run = generate(*TINY)
    assert run.returncode != 0
    assert "output" in run.stderr
