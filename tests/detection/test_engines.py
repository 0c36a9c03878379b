"""Every engine gives torch's map, alone and in a batch, and says where it runs."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from baseline_code.models.normalisation import Normalisation
from ocr.detection import Detector, DetectorError
from ocr.detection.engines.engine import DeviceError, check_shapes
from tests.detection.folders import NORMALISED, TINY, write_random_folder

ENGINES = ["onnxruntime", "openvino", "torch"]
SIZES = [(1, 32, 96), (2, 64, 32), (3, 160, 128)]


@pytest.fixture(scope="module", params=[TINY, NORMALISED], ids=["plain", "normalised"])
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detector")
    return folder, write_random_folder(folder, request.param)


def images(count, height, width):
    return np.random.default_rng(height).integers(0, 256, (count, height, width, 3), np.uint8)


@pytest.fixture(params=ENGINES)
def name(request):
    pytest.importorskip(request.param)
    return request.param


def test_the_map_is_that_of_the_network_at_every_size(folder, name):
    path, network = folder
    engine = Detector.load(path, "cpu", engine=name).engine
    for size in SIZES:
        given = images(*size)
        with torch.inference_mode():
            expected = network.predict_probability(Normalisation()(torch.from_numpy(given).permute(0, 3, 1, 2)))[:, 0]
        found = engine(given)
        assert found.dtype == np.float32
        assert expected.std() > 0.03
        np.testing.assert_allclose(found, expected, atol=1e-4)
    assert (engine.name, engine.device) == (name, "cpu")


def test_an_image_in_a_batch_has_the_map_that_it_has_alone(folder, name):
    path, _ = folder
    engine, given = Detector.load(path, "cpu", engine=name).engine, images(3, 64, 96)
    together, alone = engine(given), np.concatenate([engine(image[None]) for image in given])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_the_number_of_threads_changes_nothing(folder, name):
    path, _ = folder
    before = torch.get_num_threads()
    try:
        maps = [Detector.load(path, threads=threads, engine=name).engine(images(1, 64, 96)) for threads in (1, 2)]
        assert name != "torch" or torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    np.testing.assert_allclose(*maps, atol=1e-4)


@pytest.mark.parametrize(("name", "device"), [("onnxruntime", "mps"), ("openvino", "cuda"), ("torch", "cuda")])
def test_a_device_that_an_engine_lacks_is_an_error(folder, name, device, monkeypatch):
    pytest.importorskip(name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=device):
        Detector.load(folder[0], device, engine=name)


def test_cuda_that_no_engine_has_is_an_error_that_names_them_all(folder, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DetectorError, match=r"expected onnxruntime to have cuda, .*; expected torch to have cuda"):
        Detector.load(folder[0], "cuda")


@pytest.mark.parametrize(
    ("inputs", "outputs", "fits"),
    [
        ([["N", 3, "H", "W"]], [["N", 1, "H", "W"]], True),
        ([[None, 3, None, None]], [[None, None, None, None]], True),
        ([["N", 3, "H", "W"]], [["N", 1, "H", "W"], ["N", 7]], True),  # what comes behind the first is not read
        ([["N", 3, 960, 960]], [["N", 1, 960, 960]], False),
        ([["N", 1, "H", "W"]], [["N", 1, "H", "W"]], False),
        ([["N", 3, "H", "W"]], [["N", 2, "H", "W"]], False),
        ([["N", 3, "H", "W"]], [["H", "W"]], False),
        ([], [], False),
    ],
)
def test_only_a_network_of_images_to_maps_is_a_detectors(inputs, outputs, fits, tmp_path):
    with nullcontext() if fits else pytest.raises(DetectorError, match=r"a\.onnx: expected a network of images"):
        check_shapes(inputs, outputs, tmp_path / "a.onnx")


@pytest.mark.gpu
def test_cuda_gives_the_map_of_the_cpu(folder):
    loaded = Detector.load(folder[0], "cuda", engine="torch")
    assert loaded.engine.device == "cuda"
    given = images(2, 64, 96)
    np.testing.assert_allclose(loaded.engine(given), Detector.load(folder[0], "cpu").engine(given), atol=2e-3)
