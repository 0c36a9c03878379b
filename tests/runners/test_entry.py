"""A runner is a plain function for tests and a command with Hydra's flags and readable errors for people."""

import ast
import os
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import OmegaConf

from runners.cli.entry import CONFIG_DIR, OUR_PACKAGES, entry_point, explain
from runners.cli.setting_types import read_settings
from tests.commands import ROOT

RUNNER = """
import os
import sys
from pathlib import Path

from runners.cli.entry import entry_point


@entry_point("train", config_dir=Path(__file__).parent / "configs")
def main(do, models):
    if do == "print":
        print("lr", models["optimizer"]["lr"], "albumentations asks:", "NO_ALBUMENTATIONS_UPDATE" not in os.environ)
    if do == "exit":
        raise SystemExit(3)
    if do == "reject":
        raise ValueError("expected receipts, got a cat: cat.jpg")
    if do == "crash":
        [][1]
    if do == "open":
        Path("nowhere.json").read_text()


main()
"""
TRAIN = (
    "# Train.\ndefaults: [_self_, {preset: small}]\nmodels:\n  optimizer:\n    lr: 1.0\ndo: print\ncheckpoint_path: x\n"
)
SMALL = "# @package _global_\n# A small one.\nmodels: {optimizer: {lr: 0.1}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "configs/preset").mkdir(parents=True)
    (folder / "configs/train.yaml").write_text(TRAIN)
    (folder / "configs/preset/small.yaml").write_text(SMALL)
    (folder / "train.py").write_text(RUNNER)
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "NO_ALBUMENTATIONS_UPDATE"}
    paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "train.py", *arguments]
    return subprocess.run(
        command, cwd=folder, env=inherited | paths | environment, text=True, capture_output=True, check=False
    )


def test_a_runner_called_with_a_configuration_is_a_plain_function():
    @entry_point("train")
    def main(value):
        """What it does."""
        return value + 1

    assert main(OmegaConf.create({"value": 41})) == 42
    assert main.__doc__ == "What it does."


def test_a_runner_gets_its_settings_as_plain_values_by_their_names():
    config = OmegaConf.create({"side": 8, "datasets": {"sides": ["${side}", 9]}, "other": "${side}", "hybrid": {}})

    @entry_point("train")
    def named(datasets, written):
        return datasets, written

    @entry_point("train")
    def rest(side, **others):
        return side, others

    plain = {"sides": [8, 9]}
    assert named(config) == (plain, OmegaConf.to_container(config))
    assert rest(config) == (8, {"datasets": plain, "other": 8, "hybrid": {}})
    assert type(named(config)[0]["sides"]) is list


@pytest.mark.parametrize("path", sorted((CONFIG_DIR.parent / "runners").glob("*.py")), ids=lambda path: path.stem)
def test_a_command_reads_every_setting_of_its_file_and_none_that_it_lacks(path: Path):
    mains = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    for main in mains:
        names = re.findall(
            r"^entry_point\('([\w/]+)'\)$", "\n".join(map(ast.unparse, main.decorator_list)), re.MULTILINE
        )
        for name in names:
            taken = {one.arg for one in main.args.args} - {"written"}
            own = {str(key) for key in OmegaConf.load(CONFIG_DIR / f"{name}.yaml")} - {"defaults", "hydra"}
            known = {key.partition(".")[0] for key in read_settings(CONFIG_DIR, name)}
            assert taken <= known
            assert own <= taken or main.args.kwarg is not None


def test_a_command_runs_with_its_overrides_and_its_own_name(folder: Path):
    result = run(folder, "models.optimizer.lr=0.5", "hydra.run.dir=out")
    assert (result.returncode, result.stdout) == (0, "lr 0.5 albumentations asks: False\n")
    assert (folder / "out/train.log").exists()


def test_a_typo_exits_with_2_and_one_line(folder: Path):
    result = run(folder, "models.optimzer.lr=0.5")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "unknown key models.optimzer.lr; nearest: models.optimizer.lr\n"


def test_a_setting_with_dashes_is_answered_with_how_settings_are_typed(folder: Path):
    result = run(folder, "--models.optimizer.lr=0.5")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "unrecognized arguments: --models.optimizer.lr=0.5; settings are typed as key=value, without dashes: "
        "--help lists them\n"
    )


def test_the_status_that_a_runner_exits_with_is_the_commands(folder: Path):
    result = run(folder, "do=exit")
    assert (result.returncode, result.stderr) == (3, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["do=reject"], "expected receipts, got a cat: cat.jpg"),
        (["do=open"], "nowhere.json: No such file or directory"),
        (["do=reject", "hydra/job_logging=none", "hydra/hydra_logging=none"], "expected receipts, got a cat: cat.jpg"),
    ],
)
def test_an_error_raised_on_purpose_is_one_message(folder: Path, arguments: list[str], words: str):
    result = run(folder, *arguments)
    assert result.returncode == 1
    assert words in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_a_required_setting_without_a_value_exits_with_2_and_its_name(folder: Path):
    result = run(folder, "checkpoint_path=???")
    assert (result.returncode, result.stderr) == (2, "checkpoint_path has no value; give checkpoint_path=…\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--cfg", "job", "models.optimizer.lr=0.5"], "    lr: 0.5"),
        (["--config-dir", "more", "preset=extra", "--cfg", "job"], "    lr: 7"),
    ],
)
def test_hydras_flags_work(folder: Path, arguments: list[str], expected: str):
    (folder / "more/preset").mkdir(parents=True, exist_ok=True)
    (folder / "more/preset/extra.yaml").write_text("# @package _global_\nmodels: {optimizer: {lr: 7}}\n")
    result = run(folder, *arguments)
    assert (result.returncode, expected in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--config-dir", "own", "preset=typo"],
            "own/preset/typo.yaml: unknown key models.optimizer.lrr; nearest: models.optimizer.lr\n",
        ),
        (["--config-dir=gone", "preset=typo"], "--config-dir: expected a folder like configs/, found none at gone\n"),
        (
            ["hydra.searchpath=[file://own]", "preset=typo"],
            "hydra.searchpath: presets of your own are taken from another folder by --config-dir=FOLDER\n",
        ),
    ],
)
def test_presets_in_a_folder_of_ones_own_are_checked_too(folder: Path, arguments: list[str], message: str):
    (folder / "own/preset").mkdir(parents=True, exist_ok=True)
    (folder / "own/preset/typo.yaml").write_text("# @package _global_\nmodels: {optimizer: {lrr: 7}}\n")
    result = run(folder, *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", message)


def test_a_fault_of_the_program_keeps_its_traceback_and_hydra_full_error_that_of_every_error(folder: Path):
    for override, words, environment in (
        ("do=crash", "IndexError", {}),
        ("do=reject", "Traceback", {"HYDRA_FULL_ERROR": "1"}),
    ):
        result = run(folder, override, **environment)
        assert (result.returncode, words in result.stderr) == (1, True)
    assert explain(ValueError("never raised")) is None
    assert explain(RuntimeError("mat1 and mat2 shapes cannot be multiplied")) is None


def test_what_any_package_of_the_project_raises_is_raised_on_purpose():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["importlinter"]["root_packages"]) < OUR_PACKAGES


def test_an_error_raised_while_hydra_builds_a_part_names_its_setting():
    build = {"_target_": "runners.cli.command_line.check_overrides", "config_name": "train", "overrides": ["broken"]}
    build["config_dir"] = {"_target_": "pathlib.Path", "_args_": ["configs"]}
    with pytest.raises(InstantiationException) as caught:
        instantiate({"menu": build})
    assert str(explain(caught.value)).startswith("menu: Error parsing override 'broken'")


def test_a_part_that_hydra_cannot_build_for_another_reason_is_a_fault_of_the_program():
    with pytest.raises(InstantiationException) as caught:
        instantiate({"_target_": "datetime.date", "year": "soon"})
    assert explain(caught.value) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "the memory does not suffice (MemoryError): take a smaller trainer.batch_size"),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
            "memory does not suffice",
        ),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB\nmore"), "Tried to allocate 2.00 GiB): take"),
        (
            RuntimeError("DataLoader worker (pid 77) is killed by signal: Killed."),
            "ended from outside (DataLoader worker",
        ),
        (RuntimeError("DataLoader worker (pid(s) 7, 8) exited unexpectedly"), "take fewer datasets.num_workers"),
    ],
)
def test_what_the_machine_did_is_explained(error, words):
    assert words in explain(error)


REPEATED = """
import resource
from runners.cli.entry import keep_freed_memory

kept = keep_freed_memory()
faults = []
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    b"1" * (1 << 26)  # 64 MiB, 16,384 pages, freed at once
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(int(kept), *faults)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator")
@pytest.mark.parametrize(("told", "kept"), [({}, True), ({"MALLOC_TOP_PAD_": "131072"}, False)])
def test_a_command_keeps_the_memory_that_it_freed_unless_the_environment_says_what_to_do(told, kept):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    environment = {**bare, **told}
    ran = subprocess.run([sys.executable, "-c", REPEATED], env=environment, capture_output=True, text=True, check=True)
    said, first, *later = map(int, ran.stdout.split())
    assert bool(said) == kept
    assert first > 10_000
    assert (max(later) < 100) == kept
