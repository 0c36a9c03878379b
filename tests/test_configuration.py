"""The project's own configurations: every preset composes, and the keys that users type exist."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from runners.cli.command_line import UsageError, check_overrides, preset_menu
from runners.cli.entry import CONFIG_DIR

PRESETS = sorted(file.stem for file in (CONFIG_DIR / "preset").glob("*.yaml"))
PROMISED = {
    "quickstart",
    "resnet50_unet_1024",
    "hrnet_w44_1024",
    "hrnet_w44_fpn_1280",
    "hrnet_w44_unet_1024",
    "resnet18_unet_640",
}
USER_KEYS = [
    "datasets.root=elsewhere",
    "datasets.test.img_size=640",
    "datasets.train.img_size=640",
    "datasets.val.img_size=640",
    "early_stopping.mode=max",
    "early_stopping.monitor=val_hmean",
    "early_stopping.patience=3",
    "models.decoder.inner_channels=128",
    "models.decoder.name=fpn",
    "models.decoder.output_channels=32",
    "models.encoder.name=resnet50",
    "models.encoder.pretrained=false",
    "models.head.box_thresh=0.4",
    "models.head.k=50",
    "models.head.max_candidates=500",
    "models.head.name=dbhead",
    "models.head.thresh=0.3",
    "models.optimizer.lr=0.001",
    "trainer.accumulate_grad_batches=2",
    "trainer.batch_size=4",
    "trainer.devices=1",
    "trainer.max_epochs=20",
    "trainer.num_nodes=1",
    "trainer.precision=bf16-mixed",
    "trainer.strategy=auto",
]


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return compose("train", list(overrides))


def test_the_promised_presets_are_on_the_menu():
    assert set(PRESETS) >= PROMISED


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_composes_with_every_key_that_users_type(preset: str):
    check_overrides(CONFIG_DIR, "train", [f"preset={preset}", *USER_KEYS])


@pytest.mark.parametrize("override", USER_KEYS)
def test_a_key_that_users_type_sets_the_value_that_it_names(override: str):
    key, _, text = override.partition("=")
    assert str(OmegaConf.select(composed(override), key)).lower() == text


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_resolves_without_a_gap(preset: str):
    config = composed(f"preset={preset}")
    OmegaConf.to_container(config, resolve=True)
    assert OmegaConf.missing_keys(config) == set()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_a_comment_for_the_menu(preset: str):
    line = next(line for line in preset_menu(CONFIG_DIR).splitlines() if line.split()[0] == preset)
    assert len(line.split()) >= 4


def test_a_typo_in_a_users_key_is_answered_with_the_key():
    with pytest.raises(UsageError, match=r"unknown key models\.optimzer\.lr; nearest: models\.optimizer\.lr"):
        check_overrides(CONFIG_DIR, "train", ["models.optimzer.lr=0.1"])


def test_one_size_key_reaches_every_part():
    config = composed("datasets.img_size=320")
    parts = (config.datasets.train, config.datasets.val, config.datasets.test)
    assert [part.img_size for part in parts] == [320, 320, 320]


@pytest.mark.parametrize("file", sorted(CONFIG_DIR.rglob("*.yaml")), ids=lambda file: file.stem)
def test_every_configuration_file_says_what_it_is_for(file: Path):
    assert file.read_text(encoding="utf-8").startswith("#")
