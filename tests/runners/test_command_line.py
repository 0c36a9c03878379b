"""What is wrong with a command line is said in words, with what would have worked."""

import re
from pathlib import Path

import pytest

from runners.cli.command_line import UsageError, check_overrides
from runners.cli.unknown_keys import nearest_keys

FILES = {
    "train.yaml": (
        "defaults: [base, _self_, {preset: small}]\n"
        "trainer: {max_epochs: 3}\nearly_stopping: {patience: 3}\nbuild: {patience: 3}\n"
    ),
    "base.yaml": "models: {optimizer: {lr: 1, betas: [0.9, 0.99]}, head: {k: 1, stages: {}}, width: 1}\n",
    "preset/small.yaml": "# @package _global_\n# A small one, for CPUs.\ndefaults: [{/preset/models@models: net}]\n",
    "preset/large.yaml": "# @package _global_\n#\n# The large one.\ndefaults: [{/preset/models@models: wide}]\n",
    "preset/silent.yaml": "# @package _global_\ntrainer: {max_epochs: 1}\n",
    "preset/models/net.yaml": "optimizer: {lr: 0.1, betas: [0.9, 0.99]}\nhead: {k: 50}\n",
    "preset/models/wide.yaml": "optimizer: {lr: 0.1}\nhead: {k: 50, stages: {}}\nwidth: 2\n",
}


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def fault(config_dir: Path, *overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        check_overrides(config_dir, "train", overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["preset=large", "models.width=3"],
        ["models.optimizer.lr=0.01", "hydra.run.dir=somewhere"],
        ["models.optimizer.betas=[0.8,0.9]"],
        ["preset=large", "models.head.stages=1"],  # an empty group is a key as well
        ["++models.head.k=2", "+trainer.fast_dev_run=true", "+build.mine._target_=mine.Part", "+build.mine.depth=3"],
        ["preset=small,large", "models.optimizer.lr=0.1,0.01"],  # a sweep
    ],
)
def test_overrides_that_hydra_accepts_pass(config_dir: Path, overrides: list[str]):
    check_overrides(config_dir, "train", overrides)


@pytest.mark.parametrize(
    ("override", "nearest"),
    [
        ("models.optimzer.lr=0.1", "; nearest: models.optimizer.lr, models.optimizer.betas"),
        ("trainer.max_epoch=1", "; nearest: trainer.max_epochs"),
        ("prset=large", "; nearest: preset"),  # a group
        ("patience=1", "; nearest: early_stopping.patience"),  # keys that build the parts are for such keys only
        ("build.patence=1", "; nearest: build.patience"),
        (
            "trainer.fast_dev_run=true",
            "; another argument of Lightning's Trainer is typed with a plus: +trainer.fast_dev_run=…",
        ),
        ("zzzz=1", "; `--cfg job` lists the keys that there are"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_keys(config_dir: Path, override: str, nearest: str):
    assert fault(config_dir, override) == f"unknown key {override.partition('=')[0]}{nearest}"


def test_all_unknown_keys_are_reported_at_once(config_dir: Path):
    assert len(fault(config_dir, "trainer.max_epoch=1", "models.head.k=2", "early_stoping.patience=1").split("\n")) == 2


def test_keys_of_hydra_are_suggested_for_keys_of_hydra_only(config_dir: Path):
    assert "nearest: hydra.run.dir" in fault(config_dir, "hydra.rn.dir=x")
    assert "hydra" not in fault(config_dir, "run.dir=x")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("optimizer.lr", ["models.optimizer.lr"]),  # the beginning is missing
        ("models.lr", ["models.optimizer.lr"]),  # the middle is missing
        ("models.head.tresh", ["models.head.thresh", "models.head.box_thresh"]),
        ("size", ["a.size", "b.size"]),  # no more than asked for
        ("qqqq", []),
    ],
)
def test_nearest_keys_puts_the_likeliest_first(key: str, expected: list[str]):
    known = ["models.optimizer.lr", "models.head.box_thresh", "models.head.thresh", "c.size", "a.size", "b.size"]
    assert nearest_keys(key, known, count=2) == expected


def test_a_key_of_a_preset_that_nothing_reads_is_refused(config_dir: Path):
    (config_dir / "preset/models/net.yaml").write_text("optimizer: {lr: 0.1, beta: 1}\n")
    message = fault(config_dir, "preset=small")
    assert "/preset/models/net.yaml: unknown key models.optimizer.beta; nearest: models.optimizer.betas" in message
    check_overrides(config_dir, "train", ["preset=large"])  # which does not choose that file


def test_a_key_of_hydras_own_in_a_file_is_left_to_hydra(config_dir: Path):
    (config_dir / "preset/small.yaml").write_text("# @package _global_\nhydra: {job: {chdir: false}}\n")
    check_overrides(config_dir, "train", ["preset=small"])


@pytest.mark.parametrize("name", ["huge", "", "small,huge"])
def test_a_missing_preset_prints_the_menu(config_dir: Path, name: str):
    assert fault(config_dir, f"preset={name}").splitlines() == [
        f'no preset "{name.rpartition(",")[2]}"; the menu:',
        "  large   The large one.",
        "  silent",
        "  small   A small one, for CPUs.",
    ]


def test_a_preset_whose_part_is_missing_lists_the_parts(config_dir: Path):
    (config_dir / "preset/broken.yaml").write_text("# @package _global_\ndefaults: [{/preset/models@models: nt}]\n")
    assert fault(config_dir, "preset=broken") == 'no "nt" in preset/models; expected one of: net, wide'


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("models.optimizer.lr", "missing EQUAL"),
        ("+models.head.new=1", "unknown key models.head.new"),
        ("~models.nothing", "Could not delete from config. 'models.nothing' does not exist"),
        ("+models.head.k=1", "already at 'models.head.k'"),
    ],
)
def test_other_mistakes_keep_hydras_own_words(config_dir: Path, override: str, message: str):
    assert re.search(message, fault(config_dir, override))


def test_a_missing_primary_configuration_is_named(config_dir: Path):
    with pytest.raises(UsageError, match="Cannot find primary config 'evaluate'"):
        check_overrides(config_dir, "evaluate", [])
