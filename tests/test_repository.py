"""The set-up: pinned requirements that fit the ranges, and a Makefile that gets from a fresh clone to a command."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINNED = [*PROJECT["dependencies"], *EXTRAS["fast"], *EXTRAS["train"], *EXTRAS["dev"], "hatchling"]
RANGES = [range_ for range_ in map(Requirement, PINNED) if range_.name != PROJECT["name"]]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)")
PACKAGES = ("baseline_code", "ocr", "runners", "synthetic")
PYTHONS = ["python3.13", "python3.12", "python3.11", "python3", "python"]

# Stands in for Python: answers what the Makefile asks, copies itself into a virtual environment, notes installs.
FAKE_PYTHON = """#!/bin/sh
case "$1 $2" in
  "-m venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python; echo "$*" >> calls ;;
  "-m pip") case "$*" in *install*) echo "$*" >> calls ;; esac ;;
esac
"""


def pins() -> dict[str, str]:
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    matches = [PIN.fullmatch(line) for line in lines]
    assert None not in matches, lines
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def write_executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and what it reads, beside a `bin` in which every Python is a shim that fails."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in PYTHONS:
        write_executable(tmp_path / "bin" / name, "#!/bin/sh\nexit 127\n")
    return folder


def make_setup(folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}  # of the make that may be running these tests
    environment = {name: value for name, value in os.environ.items() if name not in outer} | {"PATH": path}
    return subprocess.run(["make", "setup"], cwd=folder, env=environment, text=True, capture_output=True, check=False)


def calls(folder: Path) -> list[str]:
    """What the stand-in for Python was asked to do since the last look: "venv", or the end of a pip command."""
    noted = folder / "calls"
    lines = noted.read_text().splitlines() if noted.exists() else []
    noted.unlink(missing_ok=True)
    return ["venv" if line.startswith("-m venv") else line.split()[-1] for line in lines]


def test_every_dependency_is_pinned_exactly_within_its_range_and_torch_brings_its_own():
    assert all(range_.specifier.contains(pins()[canonicalize_name(range_.name)]) for range_ in RANGES)
    assert [name for name in pins() if name.startswith(("nvidia", "cuda", "triton"))] == []
    assert [name for name in pins() if name.startswith("opencv")] == ["opencv-python-headless"]  # one owns cv2


def test_an_installation_has_lower_bounds_only():
    """An upper bound locks people out of newer releases; a pin is for files that are read out of a package."""
    lines = [
        *PROJECT["dependencies"],
        *(line for name in ("cpu", "gpu", "openvino", "fast", "train") for line in EXTRAS[name]),
    ]
    specifiers = [specifier for line in lines for specifier in Requirement(line).specifier]
    assert {specifier.operator for specifier in specifiers} == {">="}
    assert sorted(Requirement(line).name for line in PROJECT["dependencies"]) == [
        "numpy", "opencv-python-headless", "pillow", "pyclipper", "shapely",
    ]  # fmt: skip


def test_set_up_installs_pins_then_project_and_again_only_what_changed(clone: Path):
    result = make_setup(clone)
    assert result.returncode != 0
    assert "expected Python >= 3.11 with its venv module on the PATH, got none" in result.stderr
    write_executable(clone.parent / "bin/python3.11", FAKE_PYTHON)  # the first that runs
    assert make_setup(clone).returncode == 0
    assert calls(clone) == ["venv", "requirements.txt", "."]
    assert make_setup(clone).returncode == 0
    assert calls(clone) == []
    for name in ("requirements.txt", "pyproject.toml"):
        later = (clone / ".venv/.installed").stat().st_mtime + 10
        os.utime(clone / name, (later, later))
        make_setup(clone)
        assert calls(clone) == ["requirements.txt", "."]
        os.utime(clone / name, (0, 0))
    copy = Path(shutil.copytree(clone, clone.parent / "copy"))  # its environment would import the original
    make_setup(copy)
    assert calls(copy) == ["requirements.txt", "."]
    write_executable(clone / ".venv/bin/python", "#!/bin/sh\nexit 127\n")  # broken
    assert make_setup(clone).returncode == 0
    assert calls(clone) == ["venv", "requirements.txt", "."]


def test_set_up_takes_the_python_that_it_is_given(clone: Path, monkeypatch: pytest.MonkeyPatch):
    write_executable(clone.parent / "own/python", FAKE_PYTHON)
    monkeypatch.setenv("BASE_PYTHON", str(clone.parent / "own/python"))
    assert make_setup(clone).returncode == 0
    assert calls(clone) == ["venv", "requirements.txt", "."]


def test_help_lists_the_commands_of_the_readme():
    listed = subprocess.run(["make", "help"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("quickstart", "test"):
        assert f"make {target} " in listed
        assert f"make {target}" in readme


def test_clean_removes_what_python_keeps_of_every_package():
    listed = subprocess.run(["make", "-n", "clean"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    (find,) = (line.split() for line in listed.splitlines() if line.startswith("find "))
    assert set(find) > {*PACKAGES, "benchmarks", "examples", "tests"}


def test_the_ci_command_can_be_run_as_it_is():
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_no_module_is_a_drawer_for_odds_and_ends():
    modules = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    assert [file for file in modules if file.stem in {"utils", "util", "misc", "common", "helpers"}] == []


def test_the_classification_core_knows_no_detector():
    """Attributes, scores and loss parts of a detector reach it as arguments."""
    words = re.compile(r"detector|hmean|polygon|loss_(probability|threshold|approximate)", re.IGNORECASE)
    sources = sorted((ROOT / "baseline_code").rglob("*.py"))
    assert len(sources) > 30
    assert [str(path.relative_to(ROOT)) for path in sources if words.search(path.read_text(encoding="utf-8"))] == []
