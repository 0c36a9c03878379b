"""The files and keys of the reference experiments, as their authors write and type them."""

import shutil
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from runners.cli.command_line import UsageError, check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.cli.spellings import complete_overrides, settle
from runners.wiring.training import build_datamodule, build_module
from tests.commands import as_settings

DATASETS = """\
train:
  img_size: [1024, 1024]
  batch_size: 4
test:
  img_size: [1024, 1024]
"""
MODELS = """\
encoder: {name: resnet50, pretrained: true}
decoder: {name: unet, inner_channels: 256, output_channels: 64}
head: {name: dbhead, k: 50, thresh: 0.3, box_thresh: 0.4, max_candidates: 500}
"""
PRESET = """\
# @package _global_
# The authors' own
defaults:
  - models: theirs
  - datasets: db_1024_early_stop
  - _self_
trainer:
  max_epochs: 20
"""


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    """The project's configuration with the authors' files where they put them."""
    folder = tmp_path / "configs"
    shutil.copytree(CONFIG_DIR, folder)
    (folder / "preset/datasets/db_1024_early_stop.yaml").write_text(DATASETS)
    (folder / "preset/models/theirs.yaml").write_text(MODELS)
    (folder / "preset/theirs.yaml").write_text(PRESET)
    return folder


def typed(config_dir: Path, *overrides: str, command: str = "train") -> DictConfig:
    """What a command gets for what was typed."""
    completed = complete_overrides(command, overrides)
    check_overrides(config_dir, command, completed)
    with initialize_config_dir(str(config_dir), version_base="1.3"):
        return settle(compose(command, completed))


def fault(config_dir: Path, *overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        typed(config_dir, *overrides)
    return str(caught.value)


CHOICES = {
    "typed": ("preset=resnet50_unet_1024", "preset/datasets=db_1024_early_stop", "preset/models=theirs"),
    "in a preset's defaults": ("preset=theirs",),
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("command", ["train", "kfold"])
def test_the_authors_files_work_where_they_put_them(config_dir: Path, choice: str, command: str):
    config = typed(config_dir, *CHOICES[choice], "models.encoder.pretrained=false", command=command)
    data = build_datamodule(as_settings(config))
    assert [part.transform.img_size for part in (data.train, data.val, data.test)] == [1024, 1024, 1024]
    assert (data.train.batch_size, config.trainer.batch_size) == (4, 4)
    module = build_module(as_settings(config))
    assert module.detector.head.k == 50
    post = module.postprocess
    assert (post.thresh, post.box_thresh, post.max_candidates) == (0.3, 0.4, 500)
    assert (config.models.decoder.inner_channels, config.models.decoder.output_channels) == (256, 64)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["trainer.batch_size=2"], 2),  # what is typed wins over the file
        (["++trainer.batch_size=2"], 2),
        (["datasets.train.batch_size=2"], 2),
        (["datasets.train.batch_size=2", "trainer.batch_size=2"], 2),
        ([], 4),
    ],
)
def test_either_key_sets_the_batch_size(config_dir: Path, overrides: list[str], expected: int):
    config = typed(config_dir, "preset=theirs", *overrides)
    assert (config.trainer.batch_size, config.datasets.train.batch_size) == (expected, expected)
    assert build_datamodule(as_settings(config)).train.batch_size == expected


def test_a_completed_command_line_stays_as_it_is():
    """Lightning starts the processes for further devices with it."""
    completed = complete_overrides("train", ["trainer.batch_size=2", "preset/datasets=db_1024"])
    assert set(complete_overrides("train", completed)) == set(completed)


def test_a_classifier_takes_either_key_too(config_dir: Path):
    preset = "preset=classify/cifar10_hresnet"
    for override in ("datasets.train.batch_size=64", "trainer.batch_size=64"):
        config = typed(config_dir, preset, override, "datasets.img_size=[32,32]", command="pretrain")
        assert (config.trainer.batch_size, config.datasets.train.batch_size, config.datasets.img_size) == (64, 64, 32)


def test_two_batch_sizes_that_differ_are_refused(config_dir: Path):
    message = fault(config_dir, "datasets.train.batch_size=2", "trainer.batch_size=8")
    assert message == (
        "datasets.train.batch_size=2 and trainer.batch_size=8 both set the batch size of the training: give one"
    )


@pytest.mark.parametrize("sides", ["[1024,768]", "[1024]", "[1024,1024,3]", "[a,a]"])
def test_a_typed_pair_is_a_size_where_it_is_a_square(config_dir: Path, sides: str):
    config = typed(config_dir, "datasets.img_size=[320,320]", "datasets.test.img_size=[640,640]")
    data = build_datamodule(as_settings(config))
    assert [part.transform.img_size for part in (data.train, data.val, data.test)] == [320, 640, 640]
    assert settle(DictConfig({"members": [{"img_size": [960, 960]}]})).members[0].img_size == 960
    with pytest.raises(ValueError, match=r"datasets\.train\.img_size: expected one side in pixels"):
        typed(config_dir, f"datasets.train.img_size={sides}")


def test_a_typed_part_over_which_the_preset_wins_is_refused_until_the_setting_is_typed(config_dir: Path):
    theirs = "# @package _global_\ndefaults:\n  - datasets: db_640_rect\n  - _self_\ndatasets:\n  img_size: 480\n"
    (config_dir / "preset/theirs.yaml").write_text(theirs)
    message = fault(config_dir, "preset=theirs", "preset/datasets=db_1024")
    assert message == (
        "preset/datasets/db_1024 has datasets.img_size=1024, but configs/preset/theirs.yaml has "
        "datasets.img_size=480, which wins: type the one that is meant, datasets.img_size=…"
    )
    typed_too = ("preset=theirs", "preset/datasets=db_1024", "datasets.img_size=1024")
    assert typed(config_dir, *typed_too).datasets.train.img_size == 1024
    assert typed(config_dir, "preset=theirs").datasets.train.img_size == 480  # in a file, the preset wins


@pytest.mark.parametrize("preset", ["quickstart", "resnet18_unet_640", "mobilenetv3_fpn_640"])
def test_a_typed_part_sets_the_size_of_a_preset_of_the_menu(config_dir: Path, preset: str):
    assert typed(config_dir, f"preset={preset}", "preset/datasets=db_1024").datasets.train.img_size == 1024


def test_two_files_with_another_batch_size_each_are_refused_until_one_is_typed(config_dir: Path):
    (config_dir / "preset/theirs.yaml").write_text(f"{PRESET}  batch_size: 8\n")
    message = fault(config_dir, "preset=theirs")
    assert message == (
        "datasets.train.batch_size=4 in configs/preset/datasets/db_1024_early_stop.yaml and trainer.batch_size=8 in "
        "configs/preset/theirs.yaml both set the batch size of the training: type the one that is meant, "
        "trainer.batch_size=…"
    )
    assert typed(config_dir, "preset=theirs", "trainer.batch_size=8").trainer.batch_size == 8
    (config_dir / "preset/theirs.yaml").write_text(f"{PRESET}  batch_size: 4\n")
    assert typed(config_dir, "preset=theirs").trainer.batch_size == 4


def test_validation_takes_the_size_of_the_test_unless_it_has_its_own(config_dir: Path):
    short = typed(config_dir, "datasets.test.resize=short_side", "datasets.test.max_side=1280").datasets.val
    assert (short.resize, short.max_side) == ("short_side", 1280)
    assert typed(config_dir, "datasets.test.img_size=960").datasets.val.img_size == 960
    config = typed(config_dir, "datasets.test.img_size=960", "datasets.val.img_size=320")
    assert (config.datasets.val.img_size, config.datasets.test.img_size) == (320, 960)


FAULTY_FILES = {
    "preset/datasets/mine.yaml": (
        "train: {img_sz: 1024}\n",
        "preset/datasets=mine",
        "unknown key datasets.train.img_sz; nearest: datasets.train.img_size",
    ),
    "preset/models/mine.yaml": (
        "head: {name: dbhead, box_tresh: 0.4}\n",
        "preset/models=mine",
        "unknown key models.head.box_tresh; nearest: models.head.box_thresh",
    ),
    "preset/mine.yaml": (
        "# @package _global_\nearly_stopping: {patiense: 3}\n",
        "preset=mine",
        "unknown key early_stopping.patiense; nearest: early_stopping.patience",
    ),
    "preset/copied.yaml": (  # with parts, as those that people copy
        PRESET.replace("models: theirs", "models: resnet18_unet") + "early_stopping: {patiense: 3}\n",
        "preset=copied",
        "unknown key early_stopping.patiense; nearest: early_stopping.patience",
    ),
    "preset/models/torchs.yaml": (  # settings are no part that is built: this would train with adamw
        "optimizer: {_target_: torch.optim.Adam, lr: 0.001}\n",
        "preset/models=torchs",
        "unknown key models.optimizer._target_; nearest: models.optimizer.name, ",
    ),
}


@pytest.mark.parametrize("name", FAULTY_FILES)
def test_a_key_in_a_file_that_nothing_reads_is_refused_with_the_file_and_the_nearest_keys(config_dir: Path, name: str):
    content, choice, expected = FAULTY_FILES[name]
    (config_dir / name).write_text(content)
    assert fault(config_dir, choice).startswith(f"configs/{name}: {expected}")


def test_a_part_of_ones_own_may_bring_its_own_arguments(config_dir: Path):
    own = "# @package _global_\nbuild: {detector: {decoder: {_target_: mine.Decoder, depth: 3}}}\n"
    (config_dir / "preset/mine.yaml").write_text(own)
    assert typed(config_dir, "preset=mine").build.detector.decoder.depth == 3


def test_a_file_that_is_no_yaml_is_named(config_dir: Path):
    (config_dir / "preset/datasets/mine.yaml").write_text("train: {img_size: 64\n")
    assert "mine.yaml" in fault(config_dir, "preset/datasets=mine")
