"""Classifiers: weights counted by hand, what holds for all of them, and settings that do not go together."""

import itertools

import pytest
import torch

from baseline_code.models import build_network
from baseline_code.models.own_networks import chest_resnet_backbone
from baseline_code.weights.errors import PretrainedWeightsError

RESNET18 = 11_176_512  # its 11,689,512 weights of ImageNet without the last layer's 512 * 1000 + 1000
SETTINGS = {  # name, settings, side of the images
    "plain": ("resnet10t", {}, 32),
    "squeeze and excitation": ("resnet10t", {"squeeze_excitation": True}, 32),
    "multi-scale": ("resnet10t", {"multi_scale": True, "dropout": 0.5}, 32),
    "both": ("resnet10t", {"multi_scale": True, "squeeze_excitation": True}, 48),
    "efficientnet": ("efficientnet_lite0", {"squeeze_excitation": True}, 32),
    "hrnet": ("hrnet_w18_small", {"squeeze_excitation": True}, 32),
    "mobilenet": ("mobilenetv3_small_050", {"squeeze_excitation": True}, 32),
    "hresnet": ("hresnet", {"dropout": 0.1}, 32),
    "hresnet without normalisation": ("hresnet", {"normalisation": False}, 32),
    "hresnet without shortcuts": ("hresnet", {"skip": False}, 32),
    "plain_cnn": ("plain_cnn", {}, 20),
}


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def counted(name, num_outputs, img_size=64, **settings):
    """Weights of a network that is never filled."""
    with torch.device("meta"):
        return parameters(build_network(name, num_outputs, img_size=img_size, **settings))


@pytest.fixture(scope="module", params=SETTINGS)
def network(request):
    """Each kind of network with three outputs, and two images for it."""
    name, settings, size = SETTINGS[request.param]
    torch.manual_seed(0)
    return build_network(name, 3, img_size=size, **settings).eval(), torch.randn(2, 3, size, size)


class TestEveryNetwork:
    def test_it_gives_as_many_logits_as_asked_for(self, network):
        assert tuple(network[0](network[1]).shape) == (2, 3)

    def test_a_batch_gives_what_its_images_give_alone(self, network):
        module, images = network
        alone = torch.cat([module(image[None]) for image in images])
        torch.testing.assert_close(module(images), alone, rtol=1e-4, atol=1e-5)

    def test_channels_last_changes_nothing(self, network):
        module, images = network
        expected = module(images)
        module.to(memory_format=torch.channels_last)
        found = module(images.contiguous(memory_format=torch.channels_last))
        module.to(memory_format=torch.contiguous_format)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)

    def test_its_stages_hold_every_weight_of_its_backbone_once(self, network):
        module, _ = network
        staged = [id(parameter) for stage in module.stages() for parameter in stage.parameters()]
        assert sorted(staged) == sorted(id(parameter) for parameter in module.backbone.parameters())

    def test_its_head_is_its_last_layer(self, network):
        module, images = network
        seen = []
        handle = module.head.register_forward_hook(lambda _, __, output: seen.append(output))
        logits = module(images)
        handle.remove()
        assert torch.equal(seen[0], logits)
        assert not {id(p) for p in module.head.parameters()} & {id(p) for p in module.backbone.parameters()}

    def test_every_weight_is_used(self, network):
        module, images = network
        module(images).sum().backward()
        idle = [name for name, parameter in module.named_parameters() if parameter.grad is None]
        module.zero_grad(set_to_none=True)
        assert idle == []


# ---- weights by hand


@pytest.mark.parametrize(
    ("name", "outputs", "settings", "weights"),
    [
        ("resnet18", 2, {}, RESNET18 + 512 * 2 + 2),
        ("resnet18", 2, {"squeeze_excitation": True}, RESNET18 + 512 * 2 + 2 + 512 * 32 + 32 + 32 * 512 + 512),
        ("resnet18", 2, {"multi_scale": True}, RESNET18 + (128 + 256 + 512) * 2 + 2),
        # the papers' and torchvision's counts for 1,000 classes
        ("resnet34", 1000, {}, 21_797_672),
        ("resnet50", 1000, {}, 25_557_032),
        ("resnet101", 1000, {}, 44_549_160),
        ("efficientnet_b0", 1000, {}, 5_288_548),
        ("efficientnet_b1", 1000, {}, 7_794_184),
    ],
)
def test_the_usual_networks_have_their_usual_weights(name, outputs, settings, weights):
    assert counted(name, outputs, **settings) == weights


def test_hresnet_has_three_blocks_and_three_linear_layers():
    """A block: 3 x 3, 3 x 3 and 1 x 1 convolutions with biases, two normalisations."""
    widths = [(3, 64), (64, 128), (128, 256)]
    blocks = sum((9 * c * d + d) + (9 * d * d + d) + (c * d + d) + 2 * (2 * d) for c, d in widths)
    linear = (4096 * 2048 + 2048) + (2048 * 512 + 512) + (512 * 10 + 10)
    assert blocks == 39_232 + 230_272 + 919_296
    assert counted("hresnet", 10, img_size=32) == blocks + linear == 10_633_674


def test_hresnet_can_do_without_normalisation_and_without_shortcuts():
    normalisations, shortcuts = 2 * 2 * (64 + 128 + 256), (3 + 1) * 64 + (64 + 1) * 128 + (128 + 1) * 256
    assert counted("hresnet", 10, img_size=32, normalisation=False) == 10_633_674 - normalisations
    assert counted("hresnet", 10, img_size=32, skip=False) == 10_633_674 - shortcuts


def bottleneck_stage(inputs, width, blocks):
    """Weights: 1 x 1, 3 x 3 and 1 x 1 convolutions with normalisations, the first block with a projection."""
    outputs = 4 * width
    convolutions = [
        block_inputs * width + 9 * width**2 + width * outputs for block_inputs in [inputs] + [outputs] * (blocks - 1)
    ]
    normalisations = blocks * 2 * (width + width + outputs)
    return sum(convolutions) + normalisations + inputs * outputs + 2 * outputs


def test_chest_resnet_has_a_stem_four_stages_and_one_output():
    stages = zip([64, 256, 512, 1024], [64, 128, 256, 512], [3, 4, 6, 5], strict=True)
    stem = 7 * 7 * 3 * 64 + 2 * 64
    backbone = stem + sum(bottleneck_stage(*stage) for stage in stages)
    assert backbone == 32_433_216
    assert counted("chest_resnet", 1, img_size=180) == backbone + 2048 + 1
    with torch.device("meta"):
        network = chest_resnet_backbone()
        features = network.forward_features(torch.empty(1, 3, 180, 180))
    assert tuple(features.shape) == (1, 2048, 6, 6)
    stages = [network.layer1, network.layer2, network.layer3, network.layer4]
    projections = [[block.downsample is not None for block in stage] for stage in stages]
    assert projections == [[True] + [False] * (blocks - 1) for blocks in (3, 4, 6, 5)]


def test_the_plain_cnn_has_four_convolutions_and_a_linear_layer():
    convolutions = sum(9 * c * d + 2 * d for c, d in itertools.pairwise((3, 32, 64, 128, 256)))
    assert counted("plain_cnn", 1) == convolutions + 257 == 389_153


# ---- settings


def test_the_stages_of_a_resnet_are_its_stem_and_its_layers():
    with torch.device("meta"):
        network = build_network("resnet18", 2, img_size=64)
    stem, *layers = network.stages()
    assert list(stem) == [network.backbone.conv1, network.backbone.bn1]
    assert layers == [network.backbone.get_submodule(f"layer{number}") for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("name", "stages"), [("convnext_tiny", 6), ("efficientnet_b0", 9), ("mobilenetv3_small_100", 8), ("hrnet_w18", 11)]
)
def test_blocks_and_stages_of_other_networks_are_stages_each(name, stages):
    with torch.device("meta"):
        assert len(build_network(name, 2, img_size=64).stages()) == stages


def test_a_network_with_weights_beside_its_parts_has_no_stages():
    with torch.device("meta"):
        network = build_network("vit_tiny_patch16_224", 2, img_size=224)
    with pytest.raises(ValueError, match="expected a network of stages, got VisionTransformer"):
        network.stages()


@pytest.mark.parametrize("small_input", [True, False])
def test_weights_lend_a_small_network_their_stem_where_it_is_small_and_all_else(tmp_path, small_input):
    first = build_network("resnet18", 2, img_size=32, small_input=small_input)
    torch.save(first.state_dict(), tmp_path / "weights.pth")
    second = build_network("resnet18", 2, img_size=32, small_input=True, weights=tmp_path / "weights.pth")
    assert second.backbone.conv1.weight.shape == (64, 3, 3, 3)
    assert torch.equal(first.backbone.conv1.weight, second.backbone.conv1.weight) == small_input
    assert torch.equal(first.backbone.layer1[0].conv1.weight, second.backbone.layer1[0].conv1.weight)
    if small_input:
        with pytest.raises(PretrainedWeightsError, match=r"not fit resnet18: 1 of 120 weights .* 'conv1\.weight'"):
            build_network("resnet18", 2, img_size=32, weights=tmp_path / "weights.pth")


def test_dropout_drops_in_training_only():
    network = build_network("plain_cnn", 1, img_size=16, dropout=0.5)
    network.backbone.eval()
    images = torch.randn(1, 3, 16, 16)
    assert len({network(images).item() for _ in range(5)}) > 1
    network.eval()
    assert len({network(images).item() for _ in range(5)}) == 1


@pytest.mark.parametrize("size", [28, 31, 33, 64])
def test_hresnet_refuses_sizes_that_its_linear_layer_does_not_fit(size):
    with pytest.raises(ValueError, match=rf"expected datasets\.img_size=32 for hresnet, got {size}: its first linear"):
        build_network("hresnet", 10, img_size=size)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        *itertools.product(["hresnet", "plain_cnn"], ["pretrained", "squeeze_excitation", "multi_scale"]),
        *itertools.product(["chest_resnet"], ["pretrained", "multi_scale"]),
        *itertools.product(["resnet18", "chest_resnet", "plain_cnn"], ["normalisation", "skip"]),
    ],
)
def test_what_a_network_does_not_have_is_refused(name, setting):
    only, taken = ("true", False) if setting in ("normalisation", "skip") else ("false", True)
    words = rf"expected models\.network\.{setting}={only} for {name}, got {str(taken).lower()}"
    with pytest.raises(ValueError, match=words):
        build_network(name, 2, img_size=32, **{setting: taken})


@pytest.mark.parametrize("settings", [{"num_outputs": 0}, {"num_outputs": 2, "dropout": 1.0}])
def test_values_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=r"expected num_outputs >= 1 and models\.network\.dropout in \[0, 1\), got"):
        build_network("plain_cnn", img_size=32, **settings)


def test_a_network_starts_from_a_file(tmp_path):
    saved = build_network("plain_cnn", 2, img_size=32)
    torch.save(
        {"state_dict": {f"network.{name}": value for name, value in saved.state_dict().items()}}, tmp_path / "a.ckpt"
    )
    network = build_network("plain_cnn", 2, img_size=32, weights=tmp_path / "a.ckpt")
    assert all(torch.equal(value, saved.state_dict()[name]) for name, value in network.state_dict().items())
