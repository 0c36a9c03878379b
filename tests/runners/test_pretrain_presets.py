"""Every classifier's preset: it composes, builds its network and data, and states only what differs."""

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from baseline_code.models.backbones import PretrainedWeightsError
from baseline_code.weights import pretrained
from runners.cli.command_line import check_overrides, preset_menu
from runners.cli.entry import CONFIG_DIR
from runners.wiring.checkpoints import compose_defaults
from runners.wiring.classifier import build_datamodule, build_module

FOLDER = CONFIG_DIR / "preset/classify"
PRESETS = sorted(f"classify/{file.stem}" for file in FOLDER.glob("*.yaml"))
SOURCES = {"FolderSource", "CsvSource", "ZipSource", "NpzSource", "Cifar10Source", "TextPatchSource"}
PROMISED = {
    "classify/battery_resnet18_512",
    "classify/cactus_csv",
    "classify/cifar10_hresnet",
    "classify/cifar10_resnet18",
    "classify/cifar10_resnet18_transfer",
    "classify/pneumonia_resnet18_180",
    "classify/text_patches_resnet18",
    "classify/text_patches_resnet50",
}
USER_KEYS = [
    "datasets.root=elsewhere",
    "datasets.source=npz",
    "datasets.img_size=64",
    "datasets.balance=sampler",
    "datasets.download=true",
    "datasets.resplit=0.2",
    "datasets.val_fraction=0.1",
    "datasets.train.horizontal_flip=0.5",
    "early_stopping.patience=3",
    "experiment.baseline=outputs/first",
    "models.ema.enabled=true",
    "models.label_smoothing=0.1",
    "models.mixup=0.2",
    "models.network.frozen_epochs=2",
    "models.network.multi_scale=true",
    "models.network.name=efficientnet_b0",
    "models.network.normalisation=false",
    "models.network.skip=false",
    "models.network.squeeze_excitation=true",
    "models.network.unfreeze_every=1",
    "models.optimizer.lr=0.001",
    "trainer.batch_size=4",
    "trainer.precision=bf16-mixed",
    "variant=[augmented,cosine]",
]


def composed(*overrides):
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        return compose("pretrain", list(overrides))


def built(*overrides, classes=("a", "b")):
    return build_module(composed(*overrides, "models.network.pretrained=false"), classes)


def weights(module):
    return sum(weight.numel() for weight in module.parameters())


def leaves(config, prefix=""):
    for name, value in OmegaConf.to_container(config, resolve=False).items():
        if isinstance(value, dict):
            yield from leaves(OmegaConf.create(value), f"{prefix}{name}.")
        elif name != "defaults":
            yield f"{prefix}{name}", value


def test_the_promised_presets_are_on_the_menu():
    assert set(PRESETS) >= PROMISED


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_composes_with_every_key_that_users_type_and_opens_with_a_comment(preset):
    check_overrides(CONFIG_DIR, "pretrain", [f"preset={preset}", *USER_KEYS])
    assert OmegaConf.missing_keys(composed(f"preset={preset}")) == set()
    line = next(line for line in preset_menu(CONFIG_DIR, "classify").splitlines() if line.split()[0] == preset)
    assert len(line.split()) >= 5


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_builds_its_network_and_data(preset):
    config = composed(f"preset={preset}", "models.network.pretrained=false")
    data = build_datamodule(config)
    assert type(data.source).__name__ in SOURCES
    assert (data.img_size, data.batch_size) == (config.datasets.img_size, config.trainer.batch_size)
    module = build_module(config, ("a", "b")).eval()
    side = 32 if config.models.network.name == "hresnet" else 64
    with torch.no_grad():
        logits = module(torch.zeros(2, 3, side, side, dtype=torch.uint8))
    assert logits.shape == (2, 1 if config.models.network.single_output else 2)
    assert logits.isfinite().all()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_states_only_what_differs_from_the_defaults_and_its_data(preset):
    stated = OmegaConf.load(CONFIG_DIR / "preset" / f"{preset}.yaml")
    below = compose_defaults("classification")
    for choice in stated.get("defaults", []):
        if isinstance(choice, DictConfig):
            ((group, name),) = choice.items()
            part = OmegaConf.load(CONFIG_DIR / "preset" / group / f"{name}.yaml")
            below = OmegaConf.merge(below, {"datasets": part})
    before = dict(leaves(below))
    assert {key: value for key, value in leaves(stated) if before.get(key) == value} == {}
    assert set(dict(leaves(stated))) <= set(before)  # and no key that does not exist


@pytest.mark.parametrize("file", sorted(FOLDER.glob("datasets/*.yaml")), ids=lambda file: file.stem)
def test_a_part_of_the_data_says_its_root_and_size_and_no_unknown_key(file):
    stated = OmegaConf.load(file)
    assert {"root", "img_size"} <= set(stated)
    assert set(dict(leaves(stated))) <= set(dict(leaves(compose_defaults("classification").datasets)))


@pytest.mark.parametrize("file", sorted(CONFIG_DIR.glob("variant/*.yaml")), ids=lambda file: file.stem)
def test_a_variant_has_no_unknown_key(file):
    assert set(dict(leaves(OmegaConf.load(file)))) <= set(dict(leaves(compose_defaults("classification"))))


def test_the_battery_preset_is_as_published():
    config = composed("preset=classify/battery_resnet18_512")
    optimizer, stopping = config.models.optimizer, config.early_stopping
    assert (optimizer.name, optimizer.lr, optimizer.weight_decay) == ("adam", 0.0001, 0.0001)
    assert (config.models.network.name, config.models.network.pretrained) == ("resnet18", True)
    assert (config.datasets.img_size, config.trainer.batch_size, config.trainer.max_epochs) == (512, 32, 30)
    assert (config.datasets.num_workers, config.models.schedule.name) == (4, "constant")
    assert (stopping.enabled, stopping.monitor, stopping.mode, stopping.patience) == (True, "val_loss", "min", 5)
    assert weights(built("preset=classify/battery_resnet18_512")) == 11_177_538


@pytest.fixture
def no_hub(monkeypatch):
    monkeypatch.setattr(pretrained, "hub_out_of_reach", lambda: True)
    monkeypatch.setattr(pretrained, "in_hub_cache", lambda name: False)


@pytest.mark.parametrize(
    "setting", ["name=resnet18", "name=resnet50", "squeeze_excitation=true", "multi_scale=true", "dropout=0.5"]
)
def test_without_a_hub_the_battery_preset_starts_from_shipped_weights_and_says_so(no_hub, caplog, setting):
    build_module(composed("preset=classify/battery_resnet18_512", f"models.network.{setting}"), ("a", "b"))
    assert "models.network.pretrained=true, but the model hub is out of reach" in caplog.text


@pytest.mark.parametrize("name", ["resnet101", "efficientnet_b0", "efficientnet_b1"])
def test_without_a_hub_a_network_without_shipped_weights_names_the_ways_on(no_hub, name):
    config = composed("preset=classify/battery_resnet18_512", f"models.network.name={name}")
    with pytest.raises(
        PretrainedWeightsError, match=rf"'{name}'.*models\.network\.pretrained=false \(start from random"
    ):
        build_module(config, ("a", "b"))


@pytest.mark.parametrize(
    ("key", "more"),
    [("squeeze_excitation", 2 * 512 * 32 + 32 + 512), ("multi_scale", 2 * (896 - 512))],
)
def test_the_battery_preset_has_its_variants_by_one_key(key, more):
    count = weights(built("preset=classify/battery_resnet18_512", f"models.network.{key}=true"))
    assert count == 11_177_538 + more


def test_the_cosine_variant_falls_from_a_thousandth_to_a_millionth():
    module = built("preset=classify/battery_resnet18_512", "variant=cosine")
    rate, schedule = module.optimizer_factory.lr, module.schedule_factory
    assert rate * schedule.factor(0, 1000) == pytest.approx(1e-3)
    assert rate * schedule.factor(999, 1000) == pytest.approx(1e-6)


@pytest.mark.parametrize("order", ["augmented,cosine", "cosine,augmented"])
def test_variants_combine_in_either_order(order):
    config = composed("preset=classify/battery_resnet18_512", f"variant=[{order}]")
    alone = [composed("preset=classify/battery_resnet18_512", f"variant={name}") for name in ("augmented", "cosine")]
    assert config.datasets == alone[0].datasets
    assert config.models == alone[1].models


def test_a_list_of_no_variants_is_the_preset_as_it_stands():
    preset = "preset=classify/battery_resnet18_512"
    assert composed(preset) == composed(preset, "variant=none") == composed(preset, "variant=[]")


def test_the_augmented_variant_is_as_published():
    augmentation = build_datamodule(composed("preset=classify/battery_resnet18_512", "variant=augmented")).augmentation
    assert (augmentation.horizontal_flip, augmentation.vertical_flip, augmentation.rotate) == (0.5, 0.5, 15)
    assert (augmentation.brightness, augmentation.contrast, augmentation.saturation) == (0.2, 0.2, 0.1)
    assert (augmentation.shift, list(augmentation.scale)) == (0.1, [0.9, 1.1])


def test_the_hresnet_preset_is_as_published():
    config = composed("preset=classify/cifar10_hresnet")
    assert (list(config.datasets.mean), list(config.datasets.std)) == ([0.5] * 3, [0.25] * 3)
    assert (config.trainer.batch_size, config.trainer.max_epochs, config.early_stopping.enabled) == (128, 30, False)
    assert (config.models.optimizer.name, config.models.optimizer.lr, config.models.schedule.name) == (
        "adam",
        0.0001,
        "constant",
    )
    assert (config.models.optimizer.weight_decay, config.datasets.val_fraction) == (0, 0)
    assert weights(built("preset=classify/cifar10_hresnet", classes=tuple("abcdefghij"))) == 10_633_674


@pytest.mark.parametrize("key", ["normalisation", "skip"])
def test_the_hresnet_preset_answers_by_one_key_what_a_part_of_it_brings(key):
    assert weights(built("preset=classify/cifar10_hresnet", f"models.network.{key}=false")) < 10_633_674 - 500


def test_the_small_stem_keeps_32_px_for_the_stages():
    """Of 32 px the usual stem leaves 8 and the last stage 1; the small one 32 and 4."""
    module = built("preset=classify/cifar10_resnet18", classes=tuple("abcdefghij")).eval()
    with torch.no_grad():
        features = module.network.backbone.forward_features(torch.zeros(1, 3, 32, 32))
    assert features.shape == (1, 512, 4, 4)


TRANSFER = "preset=classify/cifar10_resnet18_transfer"


def test_the_transfer_preset_learns_its_last_layer_only_and_more_by_one_key():
    assert composed(TRANSFER).models.network.frozen_epochs is None
    assert composed(TRANSFER, "models.network.frozen_epochs=3").models.network.frozen_epochs == 3
    network = built(TRANSFER, classes=tuple("abcdefghij")).network
    assert [tuple(weight.shape) for weight in network.head.parameters()] == [(10, 512), (10,)]


def test_the_transfer_preset_has_the_data_and_the_recipe_of_the_hresnet_preset():
    transfer, hresnet = (composed(name) for name in (TRANSFER, "preset=classify/cifar10_hresnet"))
    for part in ("datasets", "trainer", "early_stopping"):
        assert transfer[part] == hresnet[part]
    assert transfer.models.optimizer == hresnet.models.optimizer
    assert transfer.models.schedule == hresnet.models.schedule


def test_the_variant_of_128_px_enlarges_validates_and_stops_early():
    config = composed(TRANSFER, "variant=128px")
    data, stopping = config.datasets, config.early_stopping
    assert (data.img_size, data.val_fraction, data.train.horizontal_flip) == (128, 0.1, 0.5)
    assert (list(data.mean), list(data.std)) == ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    assert (config.models.optimizer.lr, config.trainer.max_epochs) == (0.001, 10)
    assert (stopping.enabled, stopping.monitor, stopping.mode) == (True, "val_accuracy", "max")


def test_the_pneumonia_preset_has_one_sigmoid_output_also_as_a_plain_network():
    name = "preset=classify/pneumonia_resnet18_180"
    config = composed(name)
    assert (config.datasets.img_size, config.datasets.balance) == (180, "weights")
    assert built(name).network.head.out_features == 1
    assert built(name, "models.network.name=plain_cnn").network.head.out_features == 1


def test_the_pneumonia_preset_divides_its_parts_anew_by_one_key_and_knows_the_patients():
    name = "preset=classify/pneumonia_resnet18_180"
    assert type(build_datamodule(composed(name)).source).__name__ == "FolderSource"
    source = build_datamodule(composed(name, "datasets.resplit=0.2", "datasets.split_seed=3")).source
    assert (source.fraction, source.seed, type(source.source).__name__) == (0.2, 3, "FolderSource")
    assert "person" in source.patient


def test_patches_of_one_receipt_are_not_divided():
    with pytest.raises(
        ValueError, match=r"expected datasets\.resplit=null for datasets\.source=text_patches, got 0\.2"
    ):
        build_datamodule(composed("preset=classify/text_patches_resnet18", "datasets.resplit=0.2"))


def test_a_setting_reaches_the_part_that_it_is_for():
    settings = ("mixup=0.3", "label_smoothing=0.05", "schedule.warmup=0.1", "optimizer.weight_decay=0.5")
    module = built("preset=classify/cactus_csv", *(f"models.{setting}" for setting in settings), "seed=7")
    assert (module.mixup, module.label_smoothing, module.seed) == (0.3, 0.05, 7)
    assert (module.schedule_factory.warmup, module.optimizer_factory.weight_decay) == (0.1, 0.5)
