"""Backbones by name: channels and strides, weights from files, and pretrained weights that cannot be had."""

import logging
import re
import socket

import pytest
import timm
import torch
from safetensors.torch import save_file

from baseline_code.models.backbones import PretrainedWeightsError, create_backbone, create_trunk, feature_info
from baseline_code.weights import pretrained as pretrained_module
from baseline_code.weights import shipped as shipped_weights

SMALL = "mobilenetv3_small_050"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that the tests steer: nothing in its cache, no proxy, no word from the network; and nothing shipped."""
    monkeypatch.setattr(pretrained_module, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(pretrained_module, "getproxies", dict)
    monkeypatch.setattr(pretrained_module.huggingface_hub, "try_to_load_from_cache", lambda *_, **__: None)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    monkeypatch.setattr(shipped_weights, "SHIPPED", tmp_path / "shipped")
    return monkeypatch


@pytest.fixture
def shipped(hub, tmp_path):
    """Weights of one small network that are shipped, as they were before."""
    torch.manual_seed(1)
    state = timm.create_model(SMALL, num_classes=3).state_dict()
    source = {"description": "text patches, 3 epochs", "commit": "abc"}
    shipped_weights.ship(state, tmp_path / "shipped" / SMALL, encoder=SMALL, source=source, piece_bytes=500_000)
    return state


@pytest.fixture
def asked(hub):
    """What timm is asked for; it builds it without weights."""
    build, asked = timm.create_model, []

    def create(name, pretrained=False, **settings):
        asked.append((name, pretrained))
        return build(name, pretrained=False, **settings)

    hub.setattr(timm, "create_model", create)
    return asked


def no_name_resolves(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")


def refuse_to_build(*_, **__):
    raise AssertionError("the network was asked for pretrained weights")


# ---- networks


def test_features_come_at_the_strides_that_were_asked_for():
    backbone = create_backbone("resnet18", strides=(8, 32))
    shapes = [tuple(feature.shape) for feature in backbone(torch.zeros(1, 3, 64, 96))]
    assert shapes == [(1, 128, 8, 12), (1, 512, 2, 3)]
    assert feature_info(backbone).channels() == [128, 512]


def test_a_trunk_ends_in_the_vector_that_its_classifier_reads():
    trunk = create_trunk(SMALL)
    features = trunk.forward_features(torch.zeros(2, 3, 64, 64))
    assert tuple(trunk.forward_head(features, pre_logits=True).shape) == (2, 1024)


@pytest.mark.parametrize("create", [create_backbone, create_trunk])
def test_an_unknown_network_is_answered_with_similar_ones(create):
    with pytest.raises(ValueError, match=r"expected a timm model name, got 'resnet_18'; similar ones: .*\bresnet18\b"):
        create("resnet_18")
    with pytest.raises(ValueError, match=r"got 'qqq'; similar ones: none"):
        create("qqq")


def test_a_stride_that_the_network_lacks_is_named_and_what_extracts_no_features_is_refused():
    with pytest.raises(ValueError, match=r"strides \(4, 64\), but resnet18 offers \[2, 4, 8, 16, 32\]: choose another"):
        create_backbone("resnet18", strides=(4, 64))
    with pytest.raises(TypeError, match="expected a timm feature extractor, got Linear"):
        feature_info(torch.nn.Linear(1, 1))


# ---- weights from a file


def test_a_file_wins_over_the_hub(tmp_path, hub):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    classifier = timm.create_model(SMALL).state_dict()
    save_file(classifier, tmp_path / "weights.safetensors")
    backbone = create_backbone(SMALL, pretrained=True, weights=tmp_path / "weights.safetensors")
    assert [name for name, value in backbone.state_dict().items() if not torch.equal(value, classifier[name])] == []


def test_a_file_that_does_not_fit_is_named_with_the_setting(tmp_path):
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(PretrainedWeightsError, match=r"^models\.encoder\.weights=.*other\.pth does not fit"):
        create_backbone(SMALL, weights=str(tmp_path / "other.pth"))


# ---- pretrained weights


def hints(name="resnet18", setting="models.encoder"):
    setting = re.escape(setting)
    return (
        rf"no pretrained weights for the network '{name}': .*{setting}\.weights=FILE.*"
        rf"{setting}\.name=.*{setting}\.pretrained=false"
    )


@pytest.mark.parametrize("switched_off", [False, True])
@pytest.mark.parametrize(("create", "setting"), [(create_backbone, "models.encoder"), (create_trunk, "models.network")])
def test_a_hub_out_of_reach_stops_at_once_and_names_what_helps(hub, switched_off, create, setting):
    hub.setattr(socket, "getaddrinfo", refuse_to_build if switched_off else no_name_resolves)
    hub.setattr(pretrained_module, "HF_HUB_OFFLINE", switched_off)
    hub.setattr(timm, "create_model", refuse_to_build)
    with pytest.raises(PretrainedWeightsError, match=hints(setting=setting)):
        create("resnet18", pretrained=True)


class ProxyError(Exception):
    """As the hub's HTTP library raises it: no OSError."""


class BadRequestError(OSError, ValueError):
    """As the hub's client raises it."""


@pytest.mark.parametrize(
    "error",
    [
        OSError("connection reset\nby peer"),
        OSError(),
        RuntimeError("no such file"),
        ProxyError("403"),
        BadRequestError("400"),
    ],
)
def test_a_hub_that_fails_or_has_none_never_leaves_random_weights(hub, error):
    with pytest.raises(PretrainedWeightsError, match=hints("convnext_atto_rms", "models.network")):
        create_trunk("convnext_atto_rms", pretrained=True)  # which never had pretrained weights
    build = timm.create_model

    def download_fails(name, pretrained=False, **settings):
        if pretrained:
            raise error
        return build(name, pretrained=False, **settings)

    hub.setattr(timm, "create_model", download_fails)
    with pytest.raises(PretrainedWeightsError, match=hints(SMALL)):
        create_backbone(SMALL, pretrained=True)


def test_the_hubs_cache_is_used_where_the_hub_is_out_of_reach(hub, asked):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    cached = "/cache/model.safetensors"
    hub.setattr(pretrained_module.huggingface_hub, "try_to_load_from_cache", lambda *_, **__: cached)
    create_backbone(SMALL, pretrained=True)
    assert asked[-1] == (SMALL, True)


def test_without_pretrained_the_network_is_not_asked(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", refuse_to_build)
    create_backbone(SMALL, pretrained=False)


@pytest.mark.parametrize("create", [create_backbone, create_trunk])
def test_shipped_weights_stand_in_for_the_hub_and_it_is_said_loudly(hub, shipped, create, caplog):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    with caplog.at_level(logging.WARNING):
        network = create(SMALL, pretrained=True)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, shipped[name], rtol=1e-3, atol=1e-6, msg=name)  # half precision
        assert value.dtype == shipped[name].dtype
    assert re.search(
        rf"pretrained=true, but the model hub is out of reach: {SMALL} starts from the weights in .*{SMALL}, "
        r"which are NOT ImageNet's: text patches, 3 epochs",
        caplog.text,
    )


def test_shipped_weights_that_are_imagenets_are_called_so_and_warn_of_nothing(hub, tmp_path, caplog):
    source = {"description": "converted from a public package", "trained_on": "ImageNet"}
    state = timm.create_model(SMALL, num_classes=3).state_dict()
    shipped_weights.ship(state, tmp_path / "shipped" / SMALL, encoder=SMALL, source=source)
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    with caplog.at_level(logging.INFO):
        create_backbone(SMALL, pretrained=True)
    said = [record for record in caplog.records if "starts from the weights in" in record.getMessage()]
    assert [record.levelname for record in said] == ["INFO"]
    assert "which are also ImageNet's: converted from a public package" in caplog.text


def test_shipped_weights_stand_in_for_every_tag_of_their_network_and_that_is_said_too(hub, shipped, caplog):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    name = f"{SMALL}.lamb_in1k"
    with caplog.at_level(logging.WARNING):
        trunk = create_trunk(name, pretrained=True)
    torch.testing.assert_close(trunk.conv_stem.weight, shipped["conv_stem.weight"], rtol=1e-3, atol=1e-6)
    words = (
        rf"{name} starts from the weights in .*{SMALL} \(of {SMALL}, whatever the tag: not lamb_in1k\), which are NOT"
    )
    assert re.search(words, caplog.text)


def test_the_hub_comes_before_shipped_weights_and_gets_the_tag_with_the_name(hub, shipped, asked):
    create_trunk(f"{SMALL}.lamb_in1k", pretrained=True)
    assert asked == [(f"{SMALL}.lamb_in1k", True)]


@pytest.mark.parametrize("pretrained", [True, False])
def test_a_tag_that_timm_does_not_have_is_answered_with_those_that_there_are(hub, shipped, pretrained):
    words = r"expected a tag of timm's weights, got 'resnet18\.tv'; there are resnet18\.a1_in1k, .*resnet18\.tv_in1k"
    with pytest.raises(ValueError, match=words):
        create_trunk("resnet18.tv", pretrained=pretrained)


def test_shipped_weights_of_another_network_do_not_stand_in(hub, shipped):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    with pytest.raises(PretrainedWeightsError, match=hints()):
        create_backbone("resnet18", pretrained=True)
