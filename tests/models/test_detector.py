"""The detector: what holds for every encoder with every decoder, and what a whole forward pass promises."""

from copy import deepcopy
from functools import partial

import pytest
import torch

from ocr.label_maps.target_maps import TargetMaps
from ocr.losses import DBLoss
from ocr.models import TextDetector
from ocr.models.decoder import build_decoder
from ocr.models.encoder import Encoder
from ocr.models.head import build_head

ENCODERS = {  # channels of c2, c3, c4, c5, from the papers' tables
    "resnet18": [64, 128, 256, 512],
    "resnet34": [64, 128, 256, 512],
    "resnet50": [256, 512, 1024, 2048],
    "resnet101": [256, 512, 1024, 2048],
    "hrnet_w18": [128, 256, 512, 1024],
    "hrnet_w44": [128, 256, 512, 1024],
    "efficientnet_b0": [24, 40, 112, 320],
    "convnext_tiny": [96, 192, 384, 768],
    "mobilenetv3_small_100": [16, 24, 48, 576],
}
DECODERS = {
    "unet": {"name": "unet"},
    "fpn": {"name": "fpn"},
    "fpn with adaptive scale fusion": {"name": "fpn", "adaptive_scale_fusion": True},
}
SMALL = "mobilenetv3_small_100"


def detector(encoder, decoder):
    """The parts as the configuration puts them together; an encoder's name or the encoder itself."""
    parts = DECODERS[decoder]
    return TextDetector(
        Encoder(encoder, pretrained=False) if isinstance(encoder, str) else encoder,
        partial(build_decoder, inner_channels=16, output_channels=8, **parts),
        partial(build_head, name="db", k=50.0),
    )


def targets(images):
    """One word in the middle of each image."""
    maps = [torch.zeros_like(images[:, :1]) for _ in range(4)]
    for values, inside in zip(maps, (1.0, 1.0, 0.5, 1.0), strict=True):
        values[..., 24:40, 16:48] = inside
    maps[1][:] = 1.0
    return TargetMaps(*maps)


@pytest.fixture(scope="module", params=DECODERS)
def small_detector(request):
    torch.manual_seed(0)
    return detector(SMALL, request.param).eval()


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_gives_features_at_strides_4_to_32_and_learns(name):
    """Without memory behind its weights: shapes and gradients flow all the same."""
    with torch.device("meta"):
        network = detector(name, "fpn with adaptive scale fusion")
        images = torch.empty(2, 3, 64, 96)
        features = network.encoder(images)
        maps = network(images)
        DBLoss()(maps, targets(images)).total.backward()
    assert network.encoder.out_channels == ENCODERS[name]
    sizes = [(16, 24), (8, 12), (4, 6), (2, 3)]
    expected = [(2, channels, *size) for channels, size in zip(ENCODERS[name], sizes, strict=True)]
    assert [tuple(feature.shape) for feature in features] == expected
    assert [tuple(values.shape) for values in maps] == [(2, 1, 64, 96)] * 4
    assert [name for name, parameter in network.named_parameters() if parameter.grad is None] == []


@pytest.mark.parametrize(("height", "width"), [(48, 64), (64, 65), (31, 32)])
def test_a_size_that_32_does_not_divide_is_refused(height, width):
    network = Encoder(SMALL, pretrained=False)
    with pytest.raises(ValueError, match=rf"expected height and width to be multiples of 32, got {height} x {width}"):
        network(torch.zeros(1, 3, height, width))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet19", r"expected a timm model name, got 'resnet19'; similar ones: .*\bresnet18\b"),
        ("vit_tiny_patch16_224", r"at strides \(4, 8, 16, 32\), but vit_tiny_patch16_224 offers"),
    ],
)
def test_an_unknown_encoder_and_one_without_a_feature_pyramid_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        Encoder(name, pretrained=False)


def test_maps_lie_between_0_and_1_and_prediction_is_the_probability_without_a_threshold(small_detector, monkeypatch):
    images = 3 * torch.randn(2, 3, 64, 96)
    maps = small_detector(images)
    for values in (maps.probability, maps.threshold, maps.approximate_binary):
        assert values.dtype == torch.float32
        assert 0 <= values.min() <= values.max() <= 1
    assert maps.probability.mean().item() == pytest.approx(0.01, abs=0.005)  # a fresh detector finds text nowhere
    monkeypatch.setattr(small_detector.head.threshold_branch, "forward", None)
    assert torch.equal(small_detector.predict_probability(images), maps.probability)


def test_a_batch_in_any_memory_format_gives_what_its_images_give_alone(small_detector):
    images = torch.randn(3, 3, 64, 64)
    alone = torch.cat([small_detector.predict_probability(image[None]) for image in images])
    torch.testing.assert_close(small_detector.predict_probability(images), alone, rtol=1e-4, atol=1e-6)
    turned = deepcopy(small_detector).to(memory_format=torch.channels_last)
    found = turned.predict_probability(images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(found, alone, rtol=1e-4, atol=1e-6)


def test_a_step_of_training_moves_every_parameter(small_detector):
    network = deepcopy(small_detector).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    images = torch.randn(2, 3, 64, 64)
    DBLoss()(network(images), targets(images)).total.backward()
    optimizer.step()
    moved = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    assert moved == set(before)
