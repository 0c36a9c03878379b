"""Every preset: it composes, builds, predicts, and states only what differs from the defaults."""

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from ocr.transforms.geometric import Letterbox, RandomTransform
from runners.cli.entry import CONFIG_DIR
from runners.cli.spellings import settle
from runners.wiring.checkpoints import compose_defaults
from runners.wiring.training import build_datamodule, build_module

PRESETS = sorted(file.stem for file in (CONFIG_DIR / "preset").glob("*.yaml"))
TWO_SIZES = {"ppocrv4_finetune", "ppocrv6_finetune"}  # that train on crops and read whole images
ONE_SIZE = [preset for preset in PRESETS if preset not in TWO_SIZES]
PARTS = {"models": "models", "datasets": "datasets"}


def composed(*overrides):
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return compose("train", list(overrides))


def base():
    return compose_defaults("base")


def leaves(config, prefix=""):
    for name, value in OmegaConf.to_container(config, resolve=False).items():
        if name == "defaults":
            continue
        if isinstance(value, dict):
            yield from leaves(OmegaConf.create(value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_builds_and_predicts(preset):
    module = build_module(composed(f"preset={preset}", "models.encoder.pretrained=false", "models.weights=null")).eval()
    white = torch.full((1, 3, 64, 64), 255, dtype=torch.uint8)
    with torch.no_grad():
        probability = module.predict_probability(white)
    detections = module.postprocess(probability[0, 0].numpy(), np.diag([2.0, 2.0, 1.0]), 128, 128)
    assert probability.shape == (1, 1, 64, 64)
    assert probability.dtype == torch.float32
    assert probability.isfinite().all()
    assert 0 <= probability.min() <= probability.max() <= 1
    assert all(polygon.max() <= 128 for polygon in detections.polygons)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_builds_its_data(preset):
    config = composed(f"preset={preset}")
    data = build_datamodule(config)
    assert isinstance(data.train.transform, RandomTransform)
    assert isinstance(data.val.transform, Letterbox)
    sizes = [part.transform.img_size for part in (data.train, data.val, data.test)]
    assert sizes == [640 if preset in TWO_SIZES else config.datasets.img_size, *[config.datasets.img_size] * 2]
    assert data.train.batch_size == config.trainer.batch_size


def test_the_teams_second_network_has_the_fpn_and_the_unet_is_a_preset_of_its_own():
    names = ("hrnet_w44_1024", "hrnet_w44_unet_1024", "hrnet_w44_fpn_1280")
    configs = [composed(f"preset={name}") for name in names]
    assert {config.models.encoder.name for config in configs} == {"hrnet_w44"}
    assert [config.models.decoder.name for config in configs] == ["fpn", "unet", "fpn"]
    assert [config.datasets.img_size for config in configs] == [1024, 1024, 1280]


@pytest.mark.parametrize("preset", ONE_SIZE)
@pytest.mark.parametrize("size", [320, 96])
def test_one_size_key_reaches_training_validation_and_test(preset, size):
    data = build_datamodule(composed(f"preset={preset}", f"datasets.img_size={size}"))
    assert [part.transform.img_size for part in (data.train, data.val, data.test)] == [size] * 3


def test_each_part_may_have_a_size_of_its_own():
    sizes = ("datasets.train.img_size=320", "datasets.val.img_size=640", "datasets.test.img_size=960")
    data = build_datamodule(composed(*sizes))
    assert [part.transform.img_size for part in (data.train, data.val, data.test)] == [320, 640, 960]


def test_test_is_not_silently_val():
    data = build_datamodule(composed())
    assert (data.train.split, data.val.split, data.test.split) == ("train", "val", "test")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_states_only_what_differs_from_the_defaults_and_its_parts(preset):
    stated = OmegaConf.load(CONFIG_DIR / "preset" / f"{preset}.yaml")
    below = base()
    for choice in stated.get("defaults", []):
        if isinstance(choice, DictConfig):
            ((group, name),) = choice.items()
            part = OmegaConf.load(CONFIG_DIR / "preset" / PARTS[group] / f"{name}.yaml")
            below = OmegaConf.merge(below, {group: part})
    before = dict(leaves(below))
    repeated = {key: value for key, value in leaves(stated) if before.get(key) == value}
    assert repeated == {}
    assert set(dict(leaves(stated))) <= set(before)  # and no key that does not exist


@pytest.mark.parametrize("file", sorted(CONFIG_DIR.glob("preset/models/*.yaml")), ids=lambda file: file.stem)
def test_a_part_of_the_model_says_which_encoder_and_decoder_and_no_unknown_key(file):
    stated = dict(leaves(OmegaConf.load(file)))
    assert {"encoder.name", "decoder.name"} <= set(stated)
    assert set(stated) <= set(dict(leaves(base().models)))


@pytest.mark.parametrize("file", sorted(CONFIG_DIR.glob("preset/datasets/*.yaml")), ids=lambda file: file.stem)
def test_a_part_of_the_data_says_its_size_and_no_unknown_key(file):
    stated = dict(leaves(settle(OmegaConf.load(file))))
    sizes = [value for key, value in stated.items() if key.endswith("img_size")]
    assert sizes
    assert all(size % 32 == 0 for size in sizes)
    assert set(stated) <= set(dict(leaves(base().datasets)))
