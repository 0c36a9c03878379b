"""`dbnet`: detect and check without Hydra, the commands of a training as `runners/` has them, completion."""

import argparse
import json
import logging
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from ocr.detection import DetectorError
from ocr.detection.self_test import LEAST_OVERLAP, SelfTest, draw_page, run_self_test
from ocr.submission import read_predictions
from runners import check, dbnet
from runners.cli.completion import suggest
from tests.commands import ROOT
from tests.detection.dark import dark_detector, page


@pytest.fixture
def dark(monkeypatch):
    """The detector of every command takes dark for text."""
    monkeypatch.setattr("ocr.detection.detector.Detector.load", lambda *_, **__: dark_detector())


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    (folder / "below").mkdir(parents=True)
    Image.fromarray(page((10, 10, 40, 20, 0), (10, 40, 30, 50, 60))).save(folder / "two.png")
    Image.fromarray(page()).save(folder / "below/none.png")
    return folder


def run(monkeypatch, *arguments):
    """The exit status of `dbnet …`."""
    monkeypatch.setattr(sys, "argv", ["dbnet", *map(str, arguments)])
    lasting = [handler for handler in logging.root.handlers if type(handler) is not logging.StreamHandler]
    monkeypatch.setattr(logging.root, "handlers", lasting)  # without an earlier test's, whose stream is closed
    with pytest.raises(SystemExit) as caught:
        dbnet.main()
    return caught.value.code


# ---- detect


@pytest.mark.usefixtures("dark")
def test_words_are_written_as_prediction_json_and_overlays(images, tmp_path, monkeypatch):
    written, overlays = tmp_path / "words.json", tmp_path / "overlays"
    assert run(monkeypatch, "detect", images, "--recursive", "--json", written, "--overlays", overlays) == 0
    found = read_predictions(written)
    assert {name: len(image.polygons) for name, image in found.items()} == {"below/none.png": 0, "two.png": 2}
    np.testing.assert_allclose(found["two.png"].polygons[0], [[10, 10], [40, 10], [40, 20], [10, 20]], atol=0.5)
    assert Image.open(overlays / "below/none.png.jpg").size == (64, 64)


@pytest.mark.usefixtures("dark")
def test_a_file_of_words_replaces_another_only_where_that_is_asked_for_and_never_an_image(
    images, tmp_path, monkeypatch, capsys
):
    written, image = tmp_path / "words.json", images / "two.png"
    written.write_text("by hand")
    assert run(monkeypatch, "detect", images, "--json", written) == 1
    assert "words.json is there already: choose another --json FILE, or add --overwrite" in capsys.readouterr().err
    assert written.read_text() == "by hand"
    assert run(monkeypatch, "detect", images, "--json", written, "--overwrite") == 0
    assert list(read_predictions(written)) == ["two.png"]
    before = image.read_bytes()
    assert run(monkeypatch, "detect", images, "--json", image, "--overwrite") == 1
    assert "two.png: expected a file for words, got one of the images" in capsys.readouterr().err
    assert image.read_bytes() == before


@pytest.mark.usefixtures("dark")
def test_without_a_file_they_go_to_the_standard_output_and_nothing_else_does(images, monkeypatch, capsys):
    assert run(monkeypatch, "detect", images / "two.png", "--set", "box_thresh=0.9") == 0
    assert len(json.loads(capsys.readouterr().out)["images"]["two.png"]["words"]) == 1


@pytest.mark.usefixtures("dark")
def test_a_setting_that_does_nothing_is_an_error_beside_one_that_makes_it_act(images, monkeypatch, capsys):
    assert run(monkeypatch, "detect", images, "--set", "unclip_ratio=2") != 0
    assert "expected unclip=ratio beside unclip_ratio" in capsys.readouterr().err
    assert run(monkeypatch, "detect", images, "--set", "unclip_ratio=2", "--set", "unclip=ratio") == 0


@pytest.mark.usefixtures("dark")
def test_an_unreadable_image_is_named_the_others_are_written_and_the_status_is_3(images, monkeypatch, capsys, caplog):
    (images / "broken.jpg").write_bytes(b"nothing")
    assert run(monkeypatch, "detect", images) == 3
    assert list(json.loads(capsys.readouterr().out)["images"]) == ["two.png"]
    assert "broken.jpg" in caplog.text


def test_an_engine_that_fails_on_an_image_loses_no_words_of_the_others(images, monkeypatch, capsys, caplog):
    """The engine has memory for an input of 64 x 64 px, not for one of 32 px in width."""
    detector = dark_detector()
    run_network = type(detector.engine).__call__

    def run_out_of_memory(engine, batch):
        if batch.shape[2] == 32:
            raise MemoryError("64 GiB asked for\nby a layer")
        return run_network(engine, batch)

    monkeypatch.setattr(type(detector.engine), "__call__", run_out_of_memory)
    monkeypatch.setattr("ocr.detection.detector.Detector.load", lambda *_, **__: detector)
    Image.fromarray(page(size=(32, 64))).save(images / "narrow.png")
    assert run(monkeypatch, "detect", images) == 1
    assert list(json.loads(capsys.readouterr().out)["images"]) == ["two.png"]
    assert f"{images / 'narrow.png'}: dark failed (64 GiB asked for); no words of it" in caplog.text


@pytest.mark.usefixtures("dark")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{images}/absent.jpg"], "absent.jpg, found nothing there"),
        (["{images}", "{images}/two.png"], "two.png: has the name of"),
        (["{images}", "--set", "boxthresh=0.5"], "got 'boxthresh', did you mean box_thresh?"),
        (["{images}", "--set", "box_thresh=5"], "expected box_thresh in [0, 1], got 5"),
        (["{images}", "--set", "box_thresh=0,5"], "expected box_thresh to be a number, got '0,5'"),
        (["{images}", "--json", "{images}", "--overwrite"], "images: expected a file for words, got a folder"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(images, monkeypatch, capsys, arguments, message):
    assert run(monkeypatch, "detect", *(argument.format(images=images) for argument in arguments)) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_without_an_engine_it_prints_the_line_that_installs_one(images, monkeypatch, capsys):
    monkeypatch.setattr("ocr.detection.loading.is_installed", lambda _: False)
    assert run(monkeypatch, "detect", images) == 1
    assert 'pip install "dbnet-training[cpu]"' in capsys.readouterr().err


# ---- check


def test_the_self_test_finds_the_word_that_is_drawn():
    pytest.importorskip("onnxruntime")
    test = run_self_test("onnxruntime")
    assert test.passed, test
    image, (left, top, right, bottom) = draw_page()
    assert (image[top:bottom, left:right] < 255).any()
    assert not SelfTest("onnxruntime", "cpu", 2, 1.0, 0.0).passed  # a word too many
    assert not SelfTest("onnxruntime", "cpu", 1, LEAST_OVERLAP / 2, 0.0).passed


def test_check_reports_what_is_here_and_fails_where_no_engine_passes(monkeypatch, capsys):
    monkeypatch.setattr(check, "is_installed", lambda engine: engine == "onnxruntime")
    monkeypatch.setattr(check, "run_self_test", lambda engine: SelfTest(engine, "cpu", 1, 0.8, 0.1))
    assert check.run(argparse.Namespace()) == 0
    report = capsys.readouterr().out
    for text in ("numpy", np.__version__, "OpenCV", "receipt_light", "openvino        not installed: pip install"):
        assert text in report

    def broken(_):
        raise DetectorError("libraries are missing")

    monkeypatch.setattr(check, "run_self_test", broken)
    assert check.run(argparse.Namespace()) == 1
    assert "failed: DetectorError('libraries are missing')" in capsys.readouterr().out
    monkeypatch.setattr(check, "is_installed", lambda _: False)
    assert check.run(argparse.Namespace()) == 1
    assert 'no engine       pip install "dbnet-training[cpu]"' in capsys.readouterr().out


# ---- the commands of a training


def test_they_are_those_of_runners(tmp_path):
    command = [sys.executable, str(ROOT / "runners/dbnet.py"), "predict", "--multirun", "imagez=here"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "unknown key imagez; nearest: images" in done.stderr


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", dbnet.TRAINING)
def test_the_examples_of_their_help_are_what_is_typed_here(command, flag, capsys):
    dbnet.run_runner(command, [flag])
    shown = capsys.readouterr().out
    assert f"\n  dbnet {command} " in shown
    assert "python runners/" not in shown


def test_without_the_packages_of_training_they_name_the_line_that_brings_them(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in ("hydra", "torch") else name)
    assert run(monkeypatch, "train", "preset=quickstart") == 2
    line = 'expected the packages of training, not installed: hydra, torch; pip install "dbnet-training[train]"'
    assert capsys.readouterr().err == f"dbnet train: {line}\n"


# ---- completion


@pytest.mark.parametrize(
    ("typed", "word", "expected"),
    [
        ([], "preset=resnet5", ["preset=resnet50_unet_1024"]),
        ([], "early_stopping.p", ["early_stopping.patience="]),
        (["preset=resnet50_unet_1024"], "models.optimizer.lr", ["models.optimizer.lr="]),
    ],
)
def test_settings_of_a_training_are_completed(typed, word, expected):
    assert suggest("train", typed, word) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("dbnet de", ["detect"]), ("dbnet detect --overl", ["--overlays"]), ("dbnet train preset=quick", ["quickstart"])],
)
def test_a_shell_is_told_how_the_line_goes_on(line, expected, tmp_path):
    pytest.importorskip("argcomplete")
    answer = tmp_path / "answer"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n"}
    asked |= {"_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "_ARGCOMPLETE_COMP_WORDBREAKS": " =:"}
    command = [sys.executable, str(ROOT / "runners/dbnet.py")]
    subprocess.run(command, env=os.environ | asked, check=False, capture_output=True)
    assert [word.strip() for word in answer.read_text().split("\n")] == expected
