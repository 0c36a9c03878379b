"""`runners/export.py`: what it writes, what it refuses, and how it ends where a file differs."""

import subprocess
import sys

import pytest
import torch

from ocr.detection.state_file import read_state_file
from ocr.export import formats
from runners.export import main
from tests.commands import ROOT, composed, output

pytest.importorskip("onnx")


def settings(checkpoint, data, output, *more):
    return composed(
        "export", f"checkpoint_path={checkpoint}", f"datasets.root={data}", f"output={output}", "limit=1", *more
    )


@pytest.fixture
def checkpoint(learned):
    return learned[1]


def test_formats_that_are_typed_are_written_with_the_ratio_for_other_programs(checkpoint, data, tmp_path, caplog):
    caplog.set_level("INFO")
    main(settings(checkpoint, data, tmp_path / "out", "formats=[rapidocr,safetensors]"))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"rapidocr.onnx", "rapidocr.txt", "detector.safetensors", "detector.onnx", "safetensors.txt"}
    assert "rapidocr: maps differ by" in caplog.text
    assert '"Det.unclip_ratio": 1.5,' not in (tmp_path / "out" / "rapidocr.txt").read_text()  # the default, unfitted


def test_files_of_an_earlier_export_are_named(checkpoint, data, tmp_path, caplog):
    """`Detector.load` of the folder takes its `detector.safetensors` first."""
    for name in ("detector.safetensors", "own_int8.onnx", "rapidocr.onnx"):
        (tmp_path / name).write_text("earlier")
    main(settings(checkpoint, data, tmp_path, "formats=[rapidocr]", "overwrite=true"))
    earlier = "detector.safetensors, own_int8.onnx"
    assert f"{tmp_path}: of an earlier export, maybe of another detector: {earlier}" in caplog.messages
    assert (tmp_path / "rapidocr.onnx").read_bytes() != b"earlier"


def test_settings_that_are_typed_go_into_the_file(checkpoint, data, tmp_path, monkeypatch):
    # A few words that a weak detector is unsure of say nothing of half precision.
    monkeypatch.setattr("ocr.export.formats.LEAST_HALF_HMEAN", 0.0)
    typed = ("formats=[safetensors]", "description=words", "models.head.box_thresh=0.55", "datasets.test.img_size=96")
    main(settings(checkpoint, data, tmp_path / "out", *typed))
    metadata = read_state_file(tmp_path / "out" / "detector.safetensors").metadata
    assert (metadata.reading.postprocess.box_thresh, metadata.reading.letterbox.img_size) == (0.55, 96)
    assert (metadata.description, len(metadata.fingerprint)) == ("words", 64)


def test_a_file_that_differs_ends_the_command_with_1_and_stops_no_other(
    checkpoint, data, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(formats, "run_onnx", lambda *_: lambda images: torch.zeros(images.shape[:3]).numpy())
    with pytest.raises(SystemExit) as ended:
        main(settings(checkpoint, data, tmp_path / "out", "formats=[own,safetensors]"))
    assert ended.value.code == 1
    assert "own: not written: maps differ by" in caplog.text
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"detector.safetensors", "detector.onnx", "safetensors.txt"}


def test_a_format_whose_package_is_absent_is_refused_before_anything_is_written(data, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "openvino" else object())
    message = r"formats=own,openvino: .* not installed: openvino; pip install -e '\.\[export\]'"
    with pytest.raises(ValueError, match=message):
        main(settings(tmp_path / "never_read.ckpt", data, tmp_path / "out", "formats=[own,openvino]"))
    assert not (tmp_path / "out").exists()


def test_without_onnx_the_command_ends_in_one_line():
    without = "import runpy, sys; sys.modules['onnx'] = None; runpy.run_path('runners/export.py', run_name='__main__')"
    command = [sys.executable, "-c", without, "checkpoint_path=receipt_light", "output=never_written"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert output(result) == "expected the package onnx, not installed: pip install -e '.[export]'"


def test_an_unknown_format_and_a_folder_in_use_are_refused(checkpoint, data, tmp_path):
    with pytest.raises(ValueError, match=r"expected formats out of safetensors, own, .*, got tensorrt"):
        main(settings(checkpoint, data, tmp_path / "out", "formats=[own,tensorrt]"))
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(FileExistsError, match="holds files already: choose another output=, or set overwrite=true"):
        main(settings(checkpoint, data, tmp_path))


@pytest.mark.parametrize(
    "typed",
    [
        "tta.flip=true",
        "trainer.precision=bf16-mixed",
        "trainer.batch_size=4",
        "datasets.val.img_size=96",
        "datasets.test.batch_size=2",
        "models.compile=true",
    ],
)
def test_what_is_typed_and_cannot_go_into_a_file_is_refused(checkpoint, data, tmp_path, typed):
    with pytest.raises(ValueError, match=rf"go into the files .*, got {typed.partition('=')[0]}: leave them out, .*"):
        main(settings(checkpoint, data, tmp_path / "out", "formats=[own]", typed))
    assert not (tmp_path / "out").exists()


def test_int8_is_scored_on_the_labelled_split(checkpoint, data, tmp_path, caplog):
    caplog.set_level("INFO")
    pytest.importorskip("onnxruntime.quantization")
    main(settings(checkpoint, data, tmp_path / "out", "formats=[]", "int8=true"))
    assert "CLEval H on 2 images" in caplog.text
