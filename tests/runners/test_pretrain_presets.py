"""The classifier's presets: each builds its network and data; those of published experiments are as published."""

import pytest
import torch

from baseline_code.models.backbones import PretrainedWeightsError
from baseline_code.weights import pretrained
from runners.wiring.classifier import build_datamodule, build_module
from tests.commands import as_settings, composed
from tests.runners.test_presets import CLASSIFIERS

SOURCES = {"FolderSource", "CsvSource", "ZipSource", "NpzSource", "Cifar10Source", "TextPatchSource"}
BATTERY, HRESNET, TRANSFER, PNEUMONIA = (
    f"preset=classify/{name}"
    for name in ("battery_resnet18_512", "cifar10_hresnet", "cifar10_resnet18_transfer", "pneumonia_resnet18_180")
)
TEN = tuple("abcdefghij")


def settings(*overrides):
    return composed("pretrain", *overrides)


def read(*overrides):
    return as_settings(settings(*overrides))


def built(*overrides, classes=("a", "b")):
    return build_module(read(*overrides, "models.network.pretrained=false"), classes)


def weights(module):
    return sum(weight.numel() for weight in module.parameters())


@pytest.mark.parametrize("preset", CLASSIFIERS)
def test_a_preset_builds_its_network_and_data(preset):
    config = settings(f"preset={preset}", "models.network.pretrained=false")
    data = build_datamodule(as_settings(config))
    assert type(data.source).__name__ in SOURCES
    assert (data.img_size, data.batch_size) == (config.datasets.img_size, config.trainer.batch_size)
    module = build_module(as_settings(config), ("a", "b")).eval()
    side = 32 if config.models.network.name == "hresnet" else 64
    with torch.no_grad():
        logits = module(torch.zeros(2, 3, side, side, dtype=torch.uint8))
    assert logits.shape == (2, 1 if config.models.network.single_output else 2)
    assert logits.isfinite().all()


def test_the_battery_preset_is_as_published():
    config = settings(BATTERY)
    optimizer, stopping = config.models.optimizer, config.early_stopping
    assert (optimizer.name, optimizer.lr, optimizer.weight_decay) == ("adam", 0.0001, 0.0001)
    assert (config.models.network.name, config.models.network.pretrained) == ("resnet18", True)
    assert (config.datasets.img_size, config.trainer.batch_size, config.trainer.max_epochs) == (512, 32, 30)
    assert (config.datasets.num_workers, config.models.schedule.name) == (4, "constant")
    assert (stopping.enabled, stopping.monitor, stopping.mode, stopping.patience) == (True, "val_loss", "min", 5)
    assert weights(built(BATTERY)) == 11_177_538
    squeezed = 11_177_538 + 2 * 512 * 32 + 32 + 512
    assert weights(built(BATTERY, "models.network.squeeze_excitation=true")) == squeezed
    assert weights(built(BATTERY, "models.network.multi_scale=true")) == 11_177_538 + 2 * (896 - 512)


def test_the_hresnet_preset_is_as_published():
    config = settings(HRESNET)
    assert (list(config.datasets.mean), list(config.datasets.std)) == ([0.5] * 3, [0.25] * 3)
    assert (config.trainer.batch_size, config.trainer.max_epochs, config.early_stopping.enabled) == (128, 30, False)
    optimizer = config.models.optimizer
    assert (optimizer.name, optimizer.lr, optimizer.weight_decay) == ("adam", 0.0001, 0)
    assert (config.models.schedule.name, config.datasets.val_fraction) == ("constant", 0)
    assert weights(built(HRESNET, classes=TEN)) == 10_633_674


def test_the_transfer_preset_learns_its_last_layer_only_by_the_recipe_of_the_hresnet_preset():
    transfer, hresnet = settings(TRANSFER), settings(HRESNET)
    assert transfer.models.network.frozen_epochs is None
    for part in ("datasets", "trainer", "early_stopping"):
        assert transfer[part] == hresnet[part]
    assert transfer.models.optimizer == hresnet.models.optimizer
    head = built(TRANSFER, classes=TEN).network.head
    assert [tuple(weight.shape) for weight in head.parameters()] == [(10, 512), (10,)]


def test_the_small_stem_keeps_32_px_for_the_stages():
    """Of 32 px the usual stem leaves 8 and the last stage 1; the small one 32 and 4."""
    module = built("preset=classify/cifar10_resnet18", classes=TEN).eval()
    with torch.no_grad():
        features = module.network.backbone.forward_features(torch.zeros(1, 3, 32, 32))
    assert features.shape == (1, 512, 4, 4)


def test_the_pneumonia_preset_has_one_sigmoid_output_and_divides_its_splits_anew_by_patient():
    config = settings(PNEUMONIA)
    assert (config.datasets.img_size, config.datasets.balance) == (180, "weights")
    for network in ("resnet18", "plain_cnn"):
        assert built(PNEUMONIA, f"models.network.name={network}").network.head.out_features == 1
    source = build_datamodule(read(PNEUMONIA, "datasets.resplit=0.2", "datasets.split_seed=3")).source
    assert (source.fraction, source.seed, type(source.source).__name__) == (0.2, 3, "FolderSource")
    assert "person" in source.patient


def test_a_patient_that_divides_nothing_is_said(caplog):
    build_datamodule(read(PNEUMONIA, "datasets.resplit=0.2"))
    assert "datasets.patient" not in caplog.text
    build_datamodule(read(PNEUMONIA))
    assert "datasets.patient is read with datasets.resplit only: one patient may be in two splits" in caplog.text


def test_the_variants_are_as_published_and_combine_in_either_order():
    augmentation = build_datamodule(read(BATTERY, "variant=augmented")).augmentation
    assert (augmentation.horizontal_flip, augmentation.vertical_flip, augmentation.rotate) == (0.5, 0.5, 15)
    assert (augmentation.brightness, augmentation.contrast, augmentation.saturation) == (0.2, 0.2, 0.1)
    assert (augmentation.shift, list(augmentation.scale)) == (0.1, [0.9, 1.1])
    cosine = built(BATTERY, "variant=cosine")
    rate, schedule = cosine.optimizer_factory.lr, cosine.schedule_factory
    assert [rate * schedule.factor(step, 1000) for step in (0, 999)] == pytest.approx([1e-3, 1e-6])
    for order in ("augmented,cosine", "cosine,augmented"):
        both = settings(BATTERY, f"variant=[{order}]")
        assert both.datasets == settings(BATTERY, "variant=augmented").datasets
        assert both.models == settings(BATTERY, "variant=cosine").models
    assert settings(BATTERY) == settings(BATTERY, "variant=none") == settings(BATTERY, "variant=[]")


def test_the_variant_of_128_px_enlarges_validates_and_stops_early():
    config = settings(TRANSFER, "variant=128px")
    data, stopping = config.datasets, config.early_stopping
    assert (data.img_size, data.val_fraction, data.train.horizontal_flip) == (128, 0.1, 0.5)
    assert (list(data.mean), list(data.std)) == ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    assert (config.models.optimizer.lr, config.trainer.max_epochs) == (0.001, 10)
    assert (stopping.enabled, stopping.monitor, stopping.mode) == (True, "val_accuracy", "max")


@pytest.fixture
def no_hub(monkeypatch):
    monkeypatch.setattr(pretrained, "hub_out_of_reach", lambda: True)
    monkeypatch.setattr(pretrained, "in_hub_cache", lambda name: False)


@pytest.mark.parametrize("setting", ["name=resnet50", "squeeze_excitation=true", "multi_scale=true"])
def test_without_a_hub_the_battery_preset_starts_from_shipped_weights_and_says_so(no_hub, caplog, setting):
    caplog.set_level("INFO")
    build_module(read(BATTERY, f"models.network.{setting}"), ("a", "b"))
    assert "models.network.pretrained=true, but the model hub is out of reach" in caplog.text


def test_without_a_hub_a_network_without_shipped_weights_names_what_helps(no_hub):
    config = settings(BATTERY, "models.network.name=efficientnet_b0")
    ways = r"'efficientnet_b0'.*models\.network\.pretrained=false \(start from random"
    with pytest.raises(PretrainedWeightsError, match=ways):
        build_module(as_settings(config), ("a", "b"))


def test_patches_of_one_receipt_are_not_divided():
    words = r"expected datasets\.resplit=null for datasets\.source=text_patches, got 0\.2"
    with pytest.raises(ValueError, match=words):
        build_datamodule(read("preset=classify/text_patches_resnet18", "datasets.resplit=0.2"))


def test_a_setting_reaches_the_part_that_it_is_for():
    own = ("mixup=0.3", "label_smoothing=0.05", "schedule.warmup=0.1", "optimizer.weight_decay=0.5")
    module = built("preset=classify/cactus_csv", *(f"models.{setting}" for setting in own), "seed=7")
    assert (module.mixup, module.label_smoothing, module.seed) == (0.3, 0.05, 7)
    assert (module.schedule_factory.warmup, module.optimizer_factory.weight_decay) == (0.1, 0.5)
