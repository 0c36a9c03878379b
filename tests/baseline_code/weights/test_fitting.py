"""Weights fitted to a network: all or an error, from classifiers, backbones and detectors; what is said of the rest."""

import logging
import re

import pytest
import timm
import torch

from baseline_code.models import build_network
from baseline_code.models.backbones import create_backbone
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.fitting import load_backbone, load_classifier

FAMILIES = ["resnet10t", "convnext_zepto_rms", "mobilenetv3_small_050", "efficientnet_lite0", "hrnet_w18_small"]
SMALL = "mobilenetv3_small_050"


def state_of(network):
    """A network's weights, with batch statistics that a fresh network does not have."""
    generator = torch.Generator().manual_seed(0)
    return {
        name: torch.rand(value.shape, generator=generator) + 0.5 if "running" in name else value.clone()
        for name, value in network.state_dict().items()
    }


def prefixed(prefix, state):
    return {prefix + name: value for name, value in state.items()}


def load(state, name="resnet18"):
    """A backbone of that name with these weights."""
    backbone = create_backbone(name)
    load_backbone(backbone, state, name=name, source="weights.pth")
    return backbone


@pytest.fixture(scope="module")
def resnet():
    """Weights of timm's ResNet-18 with seven outputs."""
    return state_of(timm.create_model("resnet18", num_classes=7))


@pytest.fixture(scope="module", params=FAMILIES)
def classifier(request):
    """One of ours of each family with weights of its own, as a name and the network."""
    torch.manual_seed(3)
    network = build_network(request.param, 3, img_size=64)
    network.load_state_dict(state_of(network))
    return request.param, network.eval()


# ---- a detector's encoder from anything that holds its weights


def test_a_classifiers_features_are_those_of_the_encoder_that_starts_from_it(classifier):
    name, network = classifier
    backbone = load(prefixed("network.", network.state_dict()), name).eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = network.backbone.forward_intermediates(images, intermediates_only=True)[-4:]
        for ours, theirs in zip(backbone(images), expected, strict=True):
            torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("detector.encoder.backbone.", "convnext_zepto_rms"),  # has stages_0 where timm's classifier has stages.0
        ("encoder.backbone.", SMALL),
        ("backbone.", SMALL),
        ("", SMALL),
    ],
)
def test_a_detectors_encoder_starts_the_next_detector(prefix, name):
    saved = state_of(create_backbone(name))
    state = prefixed(prefix, saved)
    if prefix.startswith("detector"):
        state |= {"detector.decoder.conv.weight": torch.zeros(1), "detector.head.weight": torch.zeros(1)}
    loaded = load(state, name).state_dict()
    assert [key for key, value in loaded.items() if not torch.equal(value, saved[key])] == []


def test_the_log_says_what_was_taken_and_what_was_left_over(resnet, caplog):
    detector = prefixed("detector.encoder.backbone.", state_of(create_backbone(SMALL)))
    with caplog.at_level(logging.INFO):
        backbone = load({name: value.half() for name, value in resnet.items()})
        load(detector | {"detector.decoder.weight": torch.zeros(1), "scale": torch.zeros(1)}, SMALL)
    assert "weights.pth: 120 tensors into resnet18; left over: fc (2)" in caplog.text
    assert "left over: detector (1), scale (1)" in caplog.text
    assert backbone.conv1.weight.dtype == torch.float32  # half precision is turned into the network's own


# ---- what does not fit


SHAPES = {"layer1.0.conv1.weight": torch.zeros(64, 64, 1, 1), "layer4.1.bn2.weight": torch.zeros(1)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            SHAPES,
            r"pth does not fit resnet18: 2 of 120 .*first: 'layer1\.0\.conv1\.weight' \(64, 64, 1, 1\) for "
            r"\(64, 64, 3, 3\), 'layer4\.1\.bn2\.weight' \(1,\) for \(512,\)\.",
        ),
        (
            {"conv1.weight": torch.zeros(64, 3, 3, 3)},
            r"'conv1\.weight' \(64, 3, 3, 3\) for \(64, 3, 7, 7\)\. .* same stem \(models\.network\.small_input\)",
        ),
        (
            {"layer3.0.downsample.0.weight": None},
            r"1 of 120 weights .*first: 'layer3\.0\.downsample\.0\.weight' missing\.",
        ),
        ({"layer1.2.conv1.weight": torch.zeros(1)}, r"0 of 120 .* 1 have no place; first: 'layer1\.2\.conv1\.weight'"),
    ],
    ids=["another shape", "small stem", "missing", "of a deeper network"],
)
def test_weights_that_do_not_fit_are_refused_by_name(resnet, changes, message):
    state = {name: value for name, value in (resnet | changes).items() if value is not None}
    with pytest.raises(PretrainedWeightsError, match=message):
        load(state)


def test_batch_counters_may_be_missing(resnet):
    state = {name: value for name, value in resnet.items() if not name.endswith("num_batches_tracked")}
    backbone = load(state)
    assert torch.equal(backbone.layer1[0].bn1.running_mean, state["layer1.0.bn1.running_mean"])
    assert backbone.layer1[0].bn1.num_batches_tracked == 0


def test_nothing_is_changed_where_something_does_not_fit():
    backbone = create_backbone(SMALL)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    state = {name: value + 1 for name, value in before.items()} | {"conv_stem.weight": torch.zeros(1)}
    with pytest.raises(PretrainedWeightsError):
        load_backbone(backbone, state, name=SMALL, source="weights.pth")
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())


# ---- a classifier


def differing(network, state):
    return {
        name.partition(".")[0] for name, value in network.state_dict().items() if not torch.equal(value, state[name])
    }


@pytest.fixture(scope="module")
def saved():
    """Our classifier with a squeeze-and-excitation block and three outputs."""
    return state_of(build_network(SMALL, 3, img_size=32, squeeze_excitation=True))


def test_a_classifier_goes_on_from_its_own_weights(saved, caplog):
    network = build_network(SMALL, 3, img_size=32, squeeze_excitation=True)
    with caplog.at_level(logging.INFO):
        load_classifier(network, prefixed("network.", saved), name=SMALL, source="weights.pth")
    assert differing(network, saved) == set()
    assert f"{len(saved)} tensors into {SMALL}; left over: nothing" in caplog.text
    assert "random" not in caplog.text


def test_a_head_with_another_number_of_outputs_starts_anew_and_it_is_said(saved, caplog):
    network = build_network(SMALL, 2, img_size=32, squeeze_excitation=True)
    load_classifier(network, prefixed("network.", saved), name=SMALL, source="weights.pth")
    assert not torch.equal(network.head.weight, saved["head.weight"][:2])
    assert torch.equal(network.squeeze_excitation.fc1.weight, saved["squeeze_excitation.fc1.weight"])
    assert re.search(
        rf"the head of {SMALL} starts from random weights: expected weight \(2, 1024\),.* file has weight \(3, 1024\)",
        caplog.text,
    )


def test_a_block_that_the_file_lacks_starts_anew_and_it_is_said(saved, caplog):
    network = build_network(SMALL, 3, img_size=32, squeeze_excitation=True)
    plain = {name: value for name, value in saved.items() if not name.startswith("squeeze")}
    load_classifier(network, plain, name=SMALL, source="weights.pth")
    assert torch.equal(network.head.weight, saved["head.weight"])
    assert re.search(
        r"the squeeze_excitation of .* starts from random weights: expected .* the file has none", caplog.text
    )


def test_timms_classifier_gives_its_last_layer_too(caplog):
    state = timm.create_model(SMALL, num_classes=5).state_dict()
    network = build_network(SMALL, 5, img_size=32)
    with caplog.at_level(logging.INFO):
        load_classifier(network, state, name=SMALL, source="weights.pth")
    assert f"{len(state)} tensors into {SMALL}; left over: nothing" in caplog.text
    assert torch.equal(network.head.weight, state["classifier.weight"])
    assert torch.equal(network.backbone.conv_stem.weight, state["conv_stem.weight"])


def test_a_resnets_encoder_gives_a_classifier_its_backbone(caplog):
    state = prefixed("detector.encoder.backbone.", state_of(create_backbone("resnet10t")))
    network = build_network("resnet10t", 5, img_size=32)
    load_classifier(network, state, name="resnet10t", source="weights.pth")
    loaded = network.state_dict()
    assert all(torch.equal(loaded[name.removeprefix("detector.encoder.")], value) for name, value in state.items())
    assert re.search(r"the head of resnet10t starts from random weights: expected .* the file has none", caplog.text)


def test_one_of_our_own_networks_refuses_another():
    state = build_network("plain_cnn", 2, img_size=32).state_dict()
    with pytest.raises(PretrainedWeightsError, match=r"does not fit hresnet: .*first: '0\.0\.conv1\.weight'"):
        load_classifier(build_network("hresnet", 2, img_size=32), state, name="hresnet", source="weights.pth")
