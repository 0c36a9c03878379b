"""What is wrong with a command line is said in words, with what would have worked."""

import re
from pathlib import Path

import pytest

from runners.cli.command_line import UsageError, check_overrides, nearest_keys, preset_menu

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


def test_a_typo_is_answered_with_the_nearest_key(config_dir: Path):
    message = fault(config_dir, "models.optimzer.lr=0.1")
    assert message == "unknown key models.optimzer.lr; nearest: models.optimizer.lr, models.optimizer.betas"


def test_all_unknown_keys_are_reported_at_once(config_dir: Path):
    message = fault(config_dir, "trainer.max_epoch=1", "models.head.k=2", "early_stoping.patience=1")
    assert message.splitlines() == [
        "unknown key trainer.max_epoch; nearest: trainer.max_epochs",
        "unknown key early_stoping.patience; nearest: early_stopping.patience",
    ]


def test_a_key_of_a_preset_that_nothing_reads_is_refused(config_dir: Path):
    (config_dir / "preset/models/net.yaml").write_text("optimizer: {lr: 0.1, beta: 1}\n")
    message = fault(config_dir, "preset=small")
    assert "/preset/models/net.yaml: unknown key models.optimizer.beta; nearest: models.optimizer.betas" in message
    check_overrides(config_dir, "train", ["preset=large"])  # which does not choose that file


def test_a_key_of_hydras_own_in_a_file_is_left_to_hydra(config_dir: Path):
    (config_dir / "preset/small.yaml").write_text("# @package _global_\nhydra: {job: {chdir: false}}\n")
    check_overrides(config_dir, "train", ["preset=small"])


def test_a_misspelt_config_group_is_answered_with_the_group(config_dir: Path):
    assert fault(config_dir, "prset=large") == "unknown key prset; nearest: preset"


def test_keys_of_hydra_are_suggested_for_keys_of_hydra_only(config_dir: Path):
    assert "nearest: hydra.run.dir" in fault(config_dir, "hydra.rn.dir=x")
    assert "hydra" not in fault(config_dir, "run.dir=x")


def test_keys_that_build_the_parts_are_suggested_for_such_keys_only(config_dir: Path):
    assert fault(config_dir, "patience=1") == "unknown key patience; nearest: early_stopping.patience"
    assert fault(config_dir, "build.patence=1") == "unknown key build.patence; nearest: build.patience"


def test_a_key_like_no_other_names_the_command_that_lists_all(config_dir: Path):
    assert fault(config_dir, "zzzz=1") == "unknown key zzzz; `--cfg job` lists the keys that there are"


@pytest.mark.parametrize("name", ["huge", ""])
def test_a_missing_preset_prints_the_menu(config_dir: Path, name: str):
    assert fault(config_dir, f"preset={name}").splitlines() == [
        f'no preset "{name}"; the menu:',
        "  large   The large one.",
        "  silent",
        "  small   A small one, for CPUs.",
    ]


def test_a_missing_preset_in_a_sweep_prints_the_menu(config_dir: Path):
    assert 'no preset "huge"; the menu:' in fault(config_dir, "preset=small,huge")


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
        ("preset=null", "must be a string"),
    ],
)
def test_other_mistakes_keep_hydras_own_words(config_dir: Path, override: str, message: str):
    assert re.search(message, fault(config_dir, override))


def test_a_missing_primary_configuration_is_named(config_dir: Path):
    with pytest.raises(UsageError, match="Cannot find primary config 'evaluate'"):
        check_overrides(config_dir, "evaluate", [])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("optimizer.lr", ["models.optimizer.lr"]),  # the beginning is missing
        ("lr", ["models.optimizer.lr"]),
        ("models.lr", ["models.optimizer.lr"]),  # the middle is missing
        ("models.head.tresh", ["models.head.thresh", "models.head.box_thresh"]),
        ("qqqq", []),
    ],
)
def test_nearest_keys_puts_the_likeliest_first(key: str, expected: list[str]):
    known = ["models.optimizer.lr", "models.head.box_thresh", "models.head.thresh", "seed"]
    assert nearest_keys(key, known) == expected


def test_nearest_keys_gives_no_more_than_asked_for():
    assert nearest_keys("size", ["c.size", "a.size", "b.size"], count=2) == ["a.size", "b.size"]


def test_the_menu_of_a_folder_without_presets_is_empty(tmp_path: Path):
    assert preset_menu(tmp_path) == ""
