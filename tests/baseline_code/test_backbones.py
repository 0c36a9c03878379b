"""Backbones by name: channels and strides, weights from files, and pretrained weights that cannot be had."""

import socket

import pytest
import timm
import torch
from safetensors.torch import save_file

from baseline_code import backbones
from baseline_code.backbones import PretrainedWeightsError, create_backbone

CLASSIFIERS = ["resnet18", "convnext_atto", "mobilenetv3_small_100", "efficientnet_lite0", "hrnet_w18_small"]


def classifier_weights(name):
    return timm.create_model(name, pretrained=False, num_classes=7).state_dict()


def flattened(name):
    """`stages.0.blocks` -> `stages_0.blocks`: how timm names the parts of some feature extractors."""
    first, second, *rest = name.split(".")
    return ".".join([f"{first}_{second}", *rest])


def assert_every_weight_comes_from(backbone, classifier):
    own = backbone.state_dict()
    for name, value in own.items():
        source = name if name in classifier else next(other for other in classifier if flattened(other) == name)
        assert torch.equal(value, classifier[source]), name


@pytest.fixture
def hub(monkeypatch):
    """A hub that the tests steer: nothing in its cache, no proxy, and no word from the network."""
    monkeypatch.setattr(backbones, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(backbones, "getproxies", dict)
    monkeypatch.setattr(backbones.huggingface_hub, "try_to_load_from_cache", lambda *_, **__: None)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    return monkeypatch


def no_name_resolves(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")


def refuse_to_build(*_, **__):
    raise AssertionError("the network was asked for pretrained weights")


# ---- networks


def test_features_come_at_the_strides_that_were_asked_for():
    backbone = create_backbone("resnet18", strides=(8, 32))
    shapes = [tuple(feature.shape) for feature in backbone(torch.zeros(1, 3, 64, 96))]
    assert shapes == [(1, 128, 8, 12), (1, 512, 2, 3)]
    assert backbone.feature_info.channels() == [128, 512]


def test_an_unknown_network_is_answered_with_similar_ones():
    with pytest.raises(ValueError, match=r"expected a timm model name, got 'resnet_18'; similar ones: .*\bresnet18\b"):
        create_backbone("resnet_18")


def test_an_unknown_network_like_no_other_is_refused():
    with pytest.raises(ValueError, match=r"got 'qqq'; similar ones: none"):
        create_backbone("qqq")


def test_a_stride_that_the_network_lacks_is_named_with_those_that_it_has():
    with pytest.raises(ValueError, match=r"strides \(4, 64\), but resnet18 offers \[2, 4, 8, 16, 32\]: choose another"):
        create_backbone("resnet18", strides=(4, 64))


# ---- weights from a file


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifiers_file_gives_every_weight_of_the_backbone(name, tmp_path):
    classifier = classifier_weights(name)
    save_file(classifier, tmp_path / "weights.safetensors")
    assert_every_weight_comes_from(create_backbone(name, weights=tmp_path / "weights.safetensors"), classifier)


def test_a_pth_file_does_as_well(tmp_path):
    classifier = classifier_weights("convnext_atto")
    torch.save(classifier, tmp_path / "weights.pth")
    assert any(name.startswith("stages.0.") for name in classifier)
    backbone = create_backbone("convnext_atto", weights=str(tmp_path / "weights.pth"))
    assert any(name.startswith("stages_0.") for name in backbone.state_dict())
    assert_every_weight_comes_from(backbone, classifier)


def test_a_file_of_the_backbone_itself_does_as_well(tmp_path):
    saved = create_backbone("convnext_atto").state_dict()
    torch.save(saved, tmp_path / "backbone.pth")
    assert_every_weight_comes_from(create_backbone("convnext_atto", weights=tmp_path / "backbone.pth"), saved)


def test_a_file_wins_over_the_hub(tmp_path, hub):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    classifier = classifier_weights("resnet18")
    torch.save(classifier, tmp_path / "weights.pth")
    backbone = create_backbone("resnet18", pretrained=True, weights=tmp_path / "weights.pth")
    assert_every_weight_comes_from(backbone, classifier)


def test_a_weight_of_another_shape_is_refused_by_name(tmp_path):
    weights = classifier_weights("resnet18")
    weights["layer1.0.conv1.weight"] = torch.zeros(64, 64, 1, 1)
    weights["layer4.1.bn2.weight"] = torch.zeros(1)
    torch.save(weights, tmp_path / "other.pth")
    with pytest.raises(
        PretrainedWeightsError,
        match=r"other\.pth does not fit resnet18: 2 of 120 weights .*first is 'layer1\.0\.conv1\.weight'.*same timm",
    ):
        create_backbone("resnet18", weights=tmp_path / "other.pth")


def test_a_missing_weight_is_refused_by_name(tmp_path):
    weights = classifier_weights("resnet18")
    del weights["layer3.0.downsample.0.weight"]
    torch.save(weights, tmp_path / "holes.pth")
    with pytest.raises(PretrainedWeightsError, match=r"1 of 120 weights .*first is 'layer3\.0\.downsample\.0\.weight'"):
        create_backbone("resnet18", weights=tmp_path / "holes.pth")


def test_a_deeper_networks_file_is_refused_although_it_holds_every_name(tmp_path):
    torch.save(classifier_weights("resnet34"), tmp_path / "resnet34.pth")
    with pytest.raises(
        PretrainedWeightsError, match=r"resnet34\.pth does not fit resnet18.*'layer1\.2\.conv1\.weight'"
    ):
        create_backbone("resnet18", weights=tmp_path / "resnet34.pth")


def test_a_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(PretrainedWeightsError, match=r"weights for resnet18, got .*nowhere\.pth, which does not exist"):
        create_backbone("resnet18", weights=tmp_path / "nowhere.pth")


@pytest.mark.parametrize("filename", ["junk.pth", "junk.safetensors"])
@pytest.mark.parametrize("content", [b"", b"not a state dict at all", b"\x80\x02N."], ids=["empty", "text", "pickle"])
def test_a_file_that_is_no_state_dict_is_named(filename, content, tmp_path):
    (tmp_path / filename).write_bytes(content)
    with pytest.raises(PretrainedWeightsError, match=rf"expected a state dict in .*{filename}"):
        create_backbone("resnet18", weights=tmp_path / filename)


def test_a_file_of_something_else_is_named(tmp_path):
    torch.save([torch.zeros(3)], tmp_path / "list.pth")
    with pytest.raises(PretrainedWeightsError, match=r"expected a state dict in .*list\.pth"):
        create_backbone("resnet18", weights=tmp_path / "list.pth")


# ---- pretrained weights


WAYS_ON = (
    r"no pretrained weights for the encoder 'resnet18': .*models\.encoder\.weights=FILE.*"
    r"models\.encoder\.name=.*models\.encoder\.pretrained=false"
)


def test_a_hub_out_of_reach_stops_at_once_and_names_the_ways_on(hub):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    hub.setattr(timm, "create_model", refuse_to_build)
    with pytest.raises(PretrainedWeightsError, match=WAYS_ON):
        create_backbone("resnet18", pretrained=True)


def test_a_hub_that_is_switched_off_stops_as_well(hub):
    hub.setattr(backbones, "HF_HUB_OFFLINE", True)
    hub.setattr(timm, "create_model", refuse_to_build)
    with pytest.raises(PretrainedWeightsError, match=WAYS_ON):
        create_backbone("resnet18", pretrained=True)


@pytest.mark.parametrize("error", [OSError("connection reset\nby peer"), OSError(), RuntimeError("no such file")])
def test_a_hub_that_fails_on_the_way_never_leaves_random_weights(hub, error):
    build = timm.create_model

    def download_fails(name, pretrained, **settings):
        if pretrained:
            raise error
        return build(name, pretrained=False, **settings)

    hub.setattr(timm, "create_model", download_fails)
    with pytest.raises(PretrainedWeightsError, match=WAYS_ON):
        create_backbone("resnet18", pretrained=True)


def test_a_network_that_never_had_pretrained_weights_never_starts_from_random(hub):
    with pytest.raises(PretrainedWeightsError, match=r"for the encoder 'convnext_atto_rms'.*pretrained=false"):
        create_backbone("convnext_atto_rms", pretrained=True)


def test_the_hubs_cache_is_used_where_the_hub_is_out_of_reach(hub):
    hub.setattr(socket, "getaddrinfo", no_name_resolves)
    hub.setattr(backbones.huggingface_hub, "try_to_load_from_cache", lambda *_, **__: "/cache/model.safetensors")
    asked = []
    build = timm.create_model

    def from_cache(name, pretrained, **settings):
        asked.append(pretrained)
        return build(name, pretrained=False, **settings)

    hub.setattr(timm, "create_model", from_cache)
    create_backbone("resnet18", pretrained=True)
    assert asked[-1] is True


def test_without_pretrained_the_network_is_not_asked(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", refuse_to_build)
    create_backbone("resnet18", pretrained=False)
