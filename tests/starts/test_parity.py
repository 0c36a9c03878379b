"""The packages' own files: our networks give the maps that onnxruntime gives. Skipped where the packages are absent."""

import numpy as np
import pytest
import torch

from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.package_files import find_package_file
from ocr.starts import STARTS
from ocr.starts.onnx_start import load_onnx
from tests.starts.detectors import random_detector

FILES = [(name, file) for name, start in STARTS.items() for file in start.files]
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def path_of(file):
    try:
        return find_package_file([file])
    except PretrainedWeightsError as error:
        pytest.skip(str(error))


def page(height, width):
    """(H, W, 3) in [0, 1]: bars like words on a shaded page, each channel another."""
    rng = np.random.default_rng(0)
    shade = np.linspace(0.6, 1, width, dtype=np.float32)[None, :, None] * np.float32([1, 0.9, 0.8])
    pixels = np.broadcast_to(shade, (height, width, 3)).copy()
    for top in range(8, height - 16, 24):
        pixels[top : top + 10, 12 : width - 12 : 3] = rng.uniform(0, 0.3, 3)
    return pixels


@pytest.mark.parametrize(("name", "file"), FILES, ids=[f"{name}-{file.package}" for name, file in FILES])
@pytest.mark.parametrize("size", [(96, 160), (224, 64)])
def test_the_map_is_that_of_onnxruntime(name, file, size):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(path_of(file)), providers=["CPUExecutionProvider"])
    pixels = page(*size)
    bgr = (pixels[..., ::-1] - MEAN) / STD  # as PaddleOCR trains: ImageNet's numbers, in the order of its channels
    (expected,) = session.run(None, {session.get_inputs()[0].name: bgr.transpose(2, 0, 1)[None]})
    detector = random_detector(name)
    load_onnx(detector, path_of(file))
    with torch.no_grad():
        found = detector.predict_probability(torch.from_numpy(((pixels - MEAN) / STD).transpose(2, 0, 1)[None]))
    assert expected.shape == (1, 1, *size)
    np.testing.assert_allclose(found.numpy(), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "millions"), [("ppocrv4_mobile", 1.17), ("ppocrv6_small", 2.45), ("ppocrv6_tiny", 0.43)]
)
def test_a_detector_has_as_many_weights_as_the_file(name, millions):
    detector = random_detector(name)
    branch = sum(parameter.numel() for parameter in detector.head.threshold_branch.parameters())
    count = sum(parameter.numel() for parameter in detector.parameters()) - branch
    assert round(count / 1e6, 2) == millions


def test_a_file_under_another_path_is_known_by_its_hash(tmp_path):
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(path_of(STARTS["ppocrv6_tiny"].files[0]).read_bytes())
    assert load_onnx(random_detector("ppocrv6_tiny"), copy) == "ppocrv6_tiny"
    copy.write_bytes(copy.read_bytes() + b"\x08\x01")  # a field that nobody reads: another hash
    assert load_onnx(random_detector("ppocrv6_tiny"), copy) is None
