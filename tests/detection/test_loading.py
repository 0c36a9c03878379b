"""`Detector.load`: every kind of file, what is missing by its name, and neither torch nor a network behind it."""

import logging
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from ocr.annotations.labelled_images import read_images
from ocr.detection import Detector, DetectorError, loading
from ocr.starts import StartError, naming, onnx_path
from runners.export import main as export
from runners.wiring.detector import load_detector
from tests.commands import ROOT, composed
from tests.detection.folders import write_random_folder
from tests.detection.test_detector import same
from tests.lightning_modules.experiment import overriding

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def exported(learned, data, tmp_path_factory):
    """The folder of a detector that finds dark words."""
    folder = tmp_path_factory.mktemp("exported") / "detector"
    typed = ("formats=[safetensors]", f"datasets.root={data}", "limit=1")
    export(composed("export", f"checkpoint_path={learned[1]}", f"output={folder}", *typed))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("random")
    write_random_folder(folder)
    return folder


def paths(data):
    return sorted((data / "images" / "train").glob("*.png"))


# ---- the same words as the commands


def test_a_checkpoint_gives_the_words_that_predict_gives(learned, data):
    predictor, _ = load_detector(learned[1], overriding())
    expected = [found for _, found in predictor.find(read_images(data, "train")).images]
    words = Detector.load(learned[1], "cpu")(paths(data))
    assert sum(map(len, words)) >= 4
    for found, one in zip(expected, words, strict=True):
        assert [word.score for word in one] == found.scores.tolist()
        for word, polygon in zip(one, found.polygons, strict=True):
            np.testing.assert_allclose(word.polygon, polygon, atol=1e-3)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino", "torch"])
def test_its_folder_gives_the_words_of_the_checkpoint_in_every_engine(engine, learned, exported, data):
    pytest.importorskip(engine)
    expected, words = (
        detector(paths(data)) for detector in (Detector.load(learned[1]), Detector.load(exported, engine=engine))
    )
    for ours, theirs in zip(words, expected, strict=True):
        assert [word.score for word in ours] == pytest.approx([word.score for word in theirs], abs=5e-3)
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one.polygon, other.polygon, atol=0.5)


def test_threads_that_share_a_network_get_what_one_thread_gets(exported, data):
    detector, images = Detector.load(exported, "cpu", threads=1), paths(data)[:4]
    calls = [(images[n % 4], {"box_thresh": 0.3, "img_size": 32} if n % 2 else {}) for n in range(200)]
    expected = [detector(image, **settings)[0] for image, settings in calls[:8]] * 25
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda call: detector(call[0], **call[1])[0], calls))
    assert all(map(same, found, expected))
    assert any(map(len, found))


def test_a_state_file_is_what_commands_take_for_a_checkpoint(learned, exported, data):
    scores = []
    for path in (learned[1], exported, exported / "detector.safetensors"):
        predictor, settings = load_detector(path, overriding(f"datasets.root={data}"), "val")
        scores.append(predictor.evaluate(read_images(data, "val")).scores.cleval.hmean)
        assert settings.models["head"]["mode"] == "polygon"
    assert scores[0] > 0
    assert scores[1:] == pytest.approx([scores[0]] * 2, abs=0.02)


# ---- names


def test_nothing_means_the_shipped_detector(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(naming, "WEIGHTS", tmp_path)
    with pytest.raises(StartError, match=r"expected the shipped detector in .*receipt_light.*found no file there"):
        Detector.load()
    shutil.copytree(folder, tmp_path / "receipt_light")
    for name in ((), ("receipt_light",)):
        assert Detector.load(*name).metadata.description == "random"
    predictor, settings = load_detector("receipt_light", overriding())
    assert settings.datasets["test"]["img_size"] == 128
    assert predictor.postprocess.box_thresh == 0.7


def test_a_detector_of_a_package_runs_by_its_name(caplog):
    try:
        path = onnx_path("ppocrv6_tiny")
    except StartError as error:
        pytest.skip(str(error))
    page = np.full((200, 300, 3), 255, np.uint8)
    page[80:110, 40:200] = 0
    named = Detector.load("ppocrv6_tiny")
    by_torch, _ = load_detector("ppocrv6_tiny", overriding())
    assert named.metadata.reading.settings == vars(by_torch.views.base) | vars(by_torch.postprocess)
    with torch.inference_mode():
        expected = by_torch._build_network()(torch.from_numpy(page[None, :192, :288]).permute(0, 3, 1, 2))
    np.testing.assert_allclose(named.engine(page[None, :192, :288]), expected[:, 0], atol=1e-4)
    assert Detector.load(path).metadata == named.metadata or caplog.text == ""


def test_an_unknown_onnx_file_is_taken_for_paddleocrs_with_a_warning(folder, tmp_path, caplog):
    """Without the metadata, the file of `folder` is such a one."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(folder / "detector.onnx")  # with the weights
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "det.onnx")
    with caplog.at_level(logging.WARNING):
        detector = Detector.load(tmp_path / "det.onnx")
    assert "det.onnx says nothing of its input" in caplog.text
    assert detector.metadata.colours.channels == "bgr"
    assert detector.metadata.reading.postprocess.shrink_ratio == 0.6


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.ckpt", None, r"expected a detector at .*none\.ckpt, found no file there"),
        ("ppocrv6_smal", None, r"found no file there; did you mean ppocrv6_small\?"),
        ("empty", "folder", r"empty, found a folder without any of detector\.safetensors, own\.onnx, openvino\.xml"),
        ("bad.ckpt", b"nothing", r"bad\.ckpt: expected a detector's checkpoint, could not read it"),
        ("bad.onnx", b"nothing", r"bad\.onnx: expected an ONNX file, onnxruntime says"),
        ("bad.safetensors", b"nothing", r"bad\.safetensors: expected safetensors, could not read them"),
    ],
)
def test_what_is_no_detector_is_named(tmp_path, name, content, message):
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(DetectorError, match=message):
        Detector.load(path if "ppocr" not in name else name)


def test_a_file_that_openvino_cannot_read_or_compile_is_named_in_one_line(folder, tmp_path, monkeypatch):
    openvino = pytest.importorskip("openvino")
    (tmp_path / "bad.xml").write_text("<x/>")
    with pytest.raises(DetectorError, match=r"^\S*bad\.xml: expected a network, OpenVINO says: Unable to read .*\Z"):
        Detector.load(tmp_path / "bad.xml")

    def fail(*_):
        raise RuntimeError("Exception from src/core.cpp:84:\nno kernel for this operation\n\n")

    monkeypatch.setattr(openvino.Core, "compile_model", fail)
    with pytest.raises(DetectorError, match=r"detector\.onnx: .*, OpenVINO says: no kernel for this operation\Z"):
        Detector.load(folder / "detector.onnx", engine="openvino")


def test_a_folder_without_weights_means_the_export_in_it(folder, tmp_path):
    """A graph with its weights is what `own.onnx` is; `openvino.xml` counts where that is missing."""
    onnx = pytest.importorskip("onnx")
    onnx.save(onnx.load(folder / "detector.onnx"), tmp_path / "own.onnx")
    (tmp_path / "openvino.xml").write_text("not asked")
    assert Detector.load(tmp_path).metadata.to_json() == Detector.load(folder).metadata.to_json()
    (tmp_path / "own.onnx").unlink()
    with pytest.raises(DetectorError, match=r"openvino\.xml: expected"):
        Detector.load(tmp_path)


def test_weights_of_another_name_are_run_themselves_and_not_the_graph_beside_them(folder, tmp_path):
    """The graph reads `detector.safetensors`, whichever file is asked for."""
    write_random_folder(tmp_path, box_thresh=0.3)
    shutil.copy(folder / "detector.safetensors", tmp_path / "second.safetensors")
    second = Detector.load(tmp_path / "second.safetensors", "cpu")
    assert (second.engine.name, second.metadata.reading.postprocess.box_thresh) == ("torch", 0.7)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino", "torch"])
def test_damaged_weights_are_found_in_every_engine(engine, folder, tmp_path):
    pytest.importorskip(engine)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    content = bytearray((tmp_path / "detector.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "detector.safetensors").write_bytes(content)
    with pytest.raises(DetectorError, match=r"detector\.safetensors: damaged: its weights have another SHA-256"):
        Detector.load(tmp_path, "cpu", engine=engine)


def test_a_graph_is_not_run_with_the_weights_of_another_export(folder, tmp_path):
    write_random_folder(tmp_path, box_thresh=0.3)
    shutil.copy(folder / "detector.safetensors", tmp_path)
    with pytest.raises(DetectorError, match=r"expected the weights of the detector\.onnx beside it, got those of ano"):
        Detector.load(tmp_path, engine="onnxruntime")


def test_a_training_is_no_detector_but_its_checkpoint_is(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "best.ckpt").write_bytes(b"")
    with pytest.raises(DetectorError, match=r"openvino\.xml: give the path of the checkpoint$"):
        Detector.load(tmp_path)


def test_a_classifiers_checkpoint_is_refused(tmp_path):
    torch.save({"config": {"models": {"network": {}}}, "state_dict": {}, "classes": []}, tmp_path / "classifier.ckpt")
    with pytest.raises(DetectorError, match=r"classifier\.ckpt: expected a detector's checkpoint"):
        Detector.load(tmp_path / "classifier.ckpt")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda weights, name: weights.pop(name), "its weights do not fit the network that it names: .*Missing key"),
        (lambda weights, name: weights[name].fill_(torch.nan), r"expected finite weights, got NaN or infinity in \S+;"),
    ],
    ids=["one is missing", "one is no number"],
)
def test_a_checkpoint_without_all_of_its_weights_is_refused(spoil, message, learned, tmp_path):
    """Random weights in the place of the missing ones would find words, too, and a NaN finds none anywhere."""
    content = torch.load(learned[1], map_location="cpu", weights_only=True)
    spoil(content["state_dict"], next(name for name in content["state_dict"] if name.endswith(".weight")))
    torch.save(content, tmp_path / "spoilt.ckpt")
    with pytest.raises(DetectorError, match=rf"(?s)spoilt\.ckpt: {message}"):
        Detector.load(tmp_path / "spoilt.ckpt")


# ---- engines that are not there


def test_without_an_engine_the_line_that_installs_one_is_named(folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DetectorError, match=r"expected onnxruntime or openvino or torch to run it, not ins") as caught:
        Detector.load(folder)
    assert str(caught.value).endswith(': pip install "dbnet-training[cpu]" (or [gpu], [openvino], [train])')
    with pytest.raises(DetectorError, match=r'expected openvino to run .*: pip install "dbnet-training\[openvino\]"$'):
        Detector.load(folder, engine="openvino")


def test_torch_alone_is_no_engine(folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name if name == "torch" else None)
    with pytest.raises(
        DetectorError, match=r'expected torch to run it, not installed: pip install "dbnet-training\[train'
    ):
        Detector.load(folder, engine="torch")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"device": "gpu"}, "expected device to be one of auto, cpu, cuda, mps, got 'gpu'"),
        ({"threads": 0}, "expected threads >= 1, got 0"),
        ({"engine": "tensorrt"}, "expected engine to be one of onnxruntime, openvino, torch, got 'tensorrt'"),
    ],
)
def test_arguments_out_of_their_range_are_refused(folder, arguments, message):
    with pytest.raises(ValueError, match=message):
        Detector.load(folder, **arguments)


def test_a_file_is_not_given_to_an_engine_that_cannot_read_it(folder):
    with pytest.raises(DetectorError, match="expected engine to be onnxruntime or openvino for this file, got 'torch'"):
        Detector.load(folder / "detector.onnx", engine="torch")
    assert loading._able(folder / "network.xml") == ("openvino",)


# ---- in a process without torch

BLOCKED = """
import sys, time

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "timm", "pytorch_lightning", "hydra", "omegaconf"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
import socket
def refuse(*_): raise OSError("no network")
socket.socket.connect = refuse
start = time.process_time()
from ocr import Detector
seconds = time.process_time() - start
detector = Detector.load(sys.argv[1])
detector(sys.argv[2])
print(seconds, detector.engine.name, "torch" in sys.modules)
"""


def test_detecting_needs_no_torch_and_no_network_and_starts_at_once(folder, data):
    command = [sys.executable, "-c", BLOCKED, folder, paths(data)[0]]
    best = 60.0
    for _ in range(3):  # the machine may be busy
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        seconds, engine, has_torch = result.stdout.split()
        assert (engine, has_torch) == ("onnxruntime", "False")
        best = min(best, float(seconds))
        if best < 1.0:
            break
    assert best < 1.0
