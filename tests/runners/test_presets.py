"""Every preset of both trainers: on the menu, without a gap or an unread key, stating only what differs."""

import numpy as np
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from ocr.transforms.geometric import Letterbox, RandomTransform
from runners.cli.command_line import check_overrides, preset_menu
from runners.cli.entry import CONFIG_DIR
from runners.cli.spellings import settle
from runners.wiring.checkpoints import compose_defaults
from runners.wiring.training import build_datamodule, build_module
from tests.commands import as_settings, composed

FOLDER = CONFIG_DIR / "preset"
DETECTORS = sorted(file.stem for file in FOLDER.glob("*.yaml"))
CLASSIFIERS = sorted(f"classify/{file.stem}" for file in FOLDER.glob("classify/*.yaml"))
PRESETS = [*DETECTORS, *CLASSIFIERS]
PROMISED = {
    *("quickstart", "resnet50_unet_1024", "resnet18_unet_640"),
    *("hrnet_w44_1024", "hrnet_w44_fpn_1280", "hrnet_w44_unet_1024"),
    *("classify/battery_resnet18_512", "classify/cactus_csv", "classify/cifar10_hresnet", "classify/cifar10_resnet18"),
    *("classify/cifar10_resnet18_transfer", "classify/pneumonia_resnet18_180"),
    *("classify/text_patches_resnet18", "classify/text_patches_resnet50"),
}
TYPED = {
    "train": """
        datasets.root=elsewhere datasets.test.img_size=640 datasets.train.img_size=640 datasets.val.img_size=640
        early_stopping.mode=max early_stopping.monitor=val_hmean early_stopping.patience=3
        models.decoder.inner_channels=128 models.decoder.name=fpn models.decoder.output_channels=32
        models.encoder.name=resnet50 models.encoder.pretrained=false models.head.box_thresh=0.4 models.head.k=50
        models.head.max_candidates=500 models.head.name=dbhead models.head.thresh=0.3 models.optimizer.lr=0.001
        trainer.accumulate_grad_batches=2 trainer.batch_size=4 trainer.devices=1 trainer.max_epochs=20
        trainer.num_nodes=1 trainer.precision=bf16-mixed trainer.strategy=auto""",
    "pretrain": """
        datasets.root=elsewhere datasets.source=npz datasets.img_size=64 datasets.balance=sampler datasets.download=true
        datasets.resplit=0.2 datasets.val_fraction=0.1 datasets.train.horizontal_flip=0.5 early_stopping.patience=3
        experiment.baseline=outputs/first models.ema.enabled=true models.label_smoothing=0.1 models.mixup=0.2
        models.network.frozen_epochs=2 models.network.multi_scale=true models.network.name=efficientnet_b0
        models.network.normalisation=false models.network.skip=false models.network.squeeze_excitation=true
        models.network.unfreeze_every=1 models.optimizer.lr=0.001 trainer.batch_size=4 trainer.precision=bf16-mixed
        variant=[augmented,cosine]""",
}
CROPPED = {"ppocrv4_finetune", "ppocrv6_finetune", "ppocrv6_scene"}  # train on crops and read whole images


def command_of(preset):
    return "pretrain" if preset in CLASSIFIERS else "train"


def defaults_of(preset):
    return compose_defaults("classification" if preset in CLASSIFIERS else "base")


def leaves(config, prefix=""):
    for name, value in OmegaConf.to_container(config, resolve=False).items():
        if isinstance(value, dict):
            yield from leaves(OmegaConf.create(value), f"{prefix}{name}.")
        elif name != "defaults":
            yield f"{prefix}{name}", value


def test_the_promised_presets_are_there():
    assert set(PRESETS) >= PROMISED


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_on_the_menu_and_takes_every_key_that_users_type(preset):
    check_overrides(CONFIG_DIR, command_of(preset), [f"preset={preset}", *TYPED[command_of(preset)].split()])
    assert OmegaConf.missing_keys(composed(command_of(preset), f"preset={preset}")) == set()
    menu = preset_menu(CONFIG_DIR, "classify" if preset in CLASSIFIERS else "")
    assert len(next(line for line in menu.splitlines() if line.split()[0] == preset).split()) >= 4


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_states_only_what_differs_from_the_defaults_and_its_parts(preset):
    stated, below = OmegaConf.load(FOLDER / f"{preset}.yaml"), defaults_of(preset)
    for choice in stated.get("defaults", []):
        if isinstance(choice, DictConfig):
            ((group, name),) = choice.items()
            part = OmegaConf.load(FOLDER / group / f"{name}.yaml")
            below = OmegaConf.merge(below, {group.rpartition("/")[2]: part})
    before = dict(leaves(below))
    assert {key: value for key, value in leaves(stated) if before.get(key) == value} == {}
    assert set(dict(leaves(stated))) <= set(before)  # and no key that does not exist


@pytest.mark.parametrize(
    ("wiring", "part", "folder", "needed"),
    [
        ("base", "models", "preset/models", {"encoder.name", "decoder.name"}),
        ("base", "datasets", "preset/datasets", set()),
        ("classification", "datasets", "preset/classify/datasets", {"root", "img_size"}),
        ("classification", None, "variant", set()),
    ],
)
def test_a_part_says_what_it_must_and_no_unknown_key(wiring, part, folder, needed):
    known = compose_defaults(wiring) if part is None else compose_defaults(wiring)[part]
    for file in CONFIG_DIR.glob(f"{folder}/*.yaml"):
        stated = dict(leaves(settle(OmegaConf.load(file))))
        assert needed <= set(stated) <= set(dict(leaves(known))), file
        sizes = [value for key, value in stated.items() if key.endswith("img_size")]
        assert part != "datasets" or sizes, file
        assert wiring != "base" or all(size % 32 == 0 for size in sizes), file


def test_every_configuration_file_says_what_it_is_for():
    assert [file for file in CONFIG_DIR.rglob("*.yaml") if not file.read_text(encoding="utf-8").startswith("#")] == []


@pytest.mark.parametrize("preset", DETECTORS)
def test_a_detectors_preset_builds_and_predicts(preset):
    config = composed("train", f"preset={preset}", "models.encoder.pretrained=false", "models.weights=null")
    module = build_module(as_settings(config)).eval()
    white = torch.full((1, 3, 64, 64), 255, dtype=torch.uint8)
    with torch.no_grad():
        probability = module.predict_probability(white)
    detections = module.postprocess(probability[0, 0].numpy(), np.diag([2.0, 2.0, 1.0]), 128, 128)
    assert (probability.shape, probability.dtype) == ((1, 1, 64, 64), torch.float32)
    assert probability.isfinite().all()
    assert 0 <= probability.min() <= probability.max() <= 1
    assert all(polygon.max() <= 128 for polygon in detections.polygons)


@pytest.mark.parametrize("preset", DETECTORS)
def test_a_detectors_preset_builds_its_data_whose_size_is_one_key(preset):
    config = composed("train", f"preset={preset}")
    data = build_datamodule(as_settings(config))
    assert isinstance(data.train.transform, RandomTransform)
    assert isinstance(data.val.transform, Letterbox)
    assert data.train.batch_size == config.trainer.batch_size
    own = config.datasets.img_size
    assert sizes(data) == [config.datasets.train.img_size if preset in CROPPED else own, own, own]
    if preset not in CROPPED:
        assert sizes(build_datamodule(as_settings(composed("train", f"preset={preset}", "datasets.img_size=96")))) == [
            96,
            96,
            96,
        ]


def sizes(data):
    return [part.transform.img_size for part in (data.train, data.val, data.test)]


def test_each_split_is_its_own_and_may_have_a_size_of_its_own():
    own = ("datasets.train.img_size=320", "datasets.val.img_size=640", "datasets.test.img_size=960")
    data = build_datamodule(as_settings(composed("train", *own)))
    assert sizes(data) == [320, 640, 960]
    assert (data.train.split, data.val.split, data.test.split) == ("train", "val", "test")


def test_the_teams_second_network_has_the_fpn_and_the_unet_is_a_preset_of_its_own():
    names = ("hrnet_w44_1024", "hrnet_w44_unet_1024", "hrnet_w44_fpn_1280")
    configs = [composed("train", f"preset={name}") for name in names]
    assert {config.models.encoder.name for config in configs} == {"hrnet_w44"}
    assert [config.models.decoder.name for config in configs] == ["fpn", "unet", "fpn"]
    assert [config.datasets.img_size for config in configs] == [1024, 1024, 1280]
