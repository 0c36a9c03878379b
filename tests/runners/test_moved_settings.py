"""Settings of earlier code keep their values under today's names."""

import pytest
from omegaconf import OmegaConf

from ocr.experiments.changes import leaves
from runners.cli.command_line import UsageError, check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.cli.moved_settings import MOVED, rename_moved
from runners.cli.settings import plain
from runners.wiring.checkpoints import Overrides, merge_settings
from runners.wiring.resuming import differing_settings
from tests.runners.test_kept_settings import own_settings


@pytest.fixture
def old_classifier():
    """What the checkpoint of a classifier kept before its settings were renamed."""
    settings = own_settings("classification")
    for name in ("val_fraction", "test_fraction"):
        settings["datasets"].pop(name)
    del settings["sheet_images"]
    return settings | {"pictures": 9, "datasets": settings["datasets"] | {"val_share": 0.35, "test_share": 0.15}}


def merged(settings, wiring):
    written = merge_settings({"config": settings}, "old.ckpt", wiring, Overrides()).written
    return plain(OmegaConf.create(written), resolve=True)


def test_an_old_detectors_checkpoint_loads_without_what_is_gone():
    settings = own_settings("base")
    settings["datasets"] |= {"build_maps": "device", "img_size": 320}
    config = merged(settings, "base")
    assert "build_maps" not in config["datasets"]
    assert config["datasets"]["img_size"] == 320
    assert settings["datasets"]["build_maps"] == "device"  # the checkpoint stays as it is


def test_an_old_classifiers_values_come_under_todays_names(old_classifier):
    config = merged(old_classifier, "classification")
    assert (config["datasets"]["val_fraction"], config["datasets"]["test_fraction"]) == (0.35, 0.15)
    assert config["sheet_images"] == 9
    assert not {"val_share", "test_share"} & set(config["datasets"])
    assert "pictures" not in config


def test_resuming_compares_values_under_todays_names(old_classifier):
    now = own_settings("classification")
    assert differing_settings(old_classifier, now) == {
        "datasets.val_fraction": (0.35, 0.2),
        "datasets.test_fraction": (0.15, 0.0),
        "sheet_images": (9, 32),
    }


def test_todays_key_wins_and_odd_groups_stay():
    assert rename_moved({"pictures": 1, "sheet_images": 2, "datasets": None}) == {"sheet_images": 2, "datasets": None}
    assert rename_moved({}) == {}


@pytest.mark.parametrize(
    ("command", "overrides", "answer"),
    [
        ("train", ["preset=quickstart", "datasets.build_maps=device"], "datasets.build_maps is no longer a setting"),
        ("pretrain", ["preset=classify/cifar10_resnet18", "datasets.val_share=0.1"], "is called datasets.val_fraction"),
        ("pretrain", ["preset=classify/cifar10_resnet18", "pictures=8"], "pictures is called sheet_images now"),
    ],
)
def test_an_old_key_that_is_typed_is_answered_with_the_new_one(command, overrides, answer):
    with pytest.raises(UsageError, match=answer):
        check_overrides(CONFIG_DIR, command, overrides)


def test_no_old_name_is_a_setting_today():
    keys = {wiring: set(dict(leaves(own_settings(wiring)))) for wiring in ("base", "classification")}
    for old, new in MOVED.items():
        assert all(old not in known for known in keys.values())
        assert new is None or any(new in known for known in keys.values())
