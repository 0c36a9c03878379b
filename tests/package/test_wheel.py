"""The wheel in empty environments: without torch, with another OpenCV, read-only, without a network; and to train."""

import json
import re
import subprocess
import zipfile

import pytest

from ocr.starts.naming import WEIGHTS
from tests.commands import ROOT
from tests.package.environments import Environment, build_wheel

pytestmark = pytest.mark.slow

EXAMPLE = json.loads((WEIGHTS / "receipt_light/example.json").read_text(encoding="utf-8"))
PAGE = ROOT / EXAMPLE["image"]
IMPORT = "import time; start = time.process_time(); from ocr import Detector; print(time.process_time() - start)"
SMALL = (
    *("datasets.img_size=64", "datasets.num_workers=0", "datasets.val.limit=2", "models.decoder.inner_channels=8"),
    *("models.decoder.output_channels=8", "models.encoder.pretrained=false", "trainer.accelerator=cpu"),
    *("trainer.limit_train_batches=1", "trainer.max_epochs=1", "trainer.batch_size=2"),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def plain(wheel, tmp_path_factory):
    """What `pip install` of the wheel brings, and the engine that an error told to install."""
    environment = Environment(tmp_path_factory.mktemp("plain"))
    environment.install(str(wheel))
    done = environment.run("dbnet", "detect", PAGE)
    assert done.returncode == 1, done.stderr
    line = re.search(r'pip install "(dbnet-training\[cpu\])"', done.stderr)
    assert line, done.stderr
    environment.install(line[1])
    return environment


def assert_words_are_found(environment, **options):
    written = environment.here / "words.json"
    written.unlink(missing_ok=True)
    done = environment.run("dbnet", "detect", PAGE, "--json", written, "--overlays", environment.here, **options)
    assert done.returncode == 0, done.stderr
    words = json.loads(written.read_text())["images"][PAGE.name]["words"]
    assert len(words) == len(EXAMPLE["words"])
    assert (environment.here / f"{PAGE.name}.jpg").is_file()
    return done


def test_the_wheel_is_small_and_holds_settings_weights_and_all_that_is_read_beside_modules(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.stat().st_size < 6e6
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    moved = {"configs/": "runners/configs/", "weights/receipt_light/": "ocr/weights/receipt_light/"}
    packages = tuple(f"{package}/" for package in ("baseline_code", "ocr", "runners", "synthetic"))
    expected = {name for name in tracked if name.startswith(packages)}
    for own, installed in moved.items():
        expected |= {installed + name.removeprefix(own) for name in tracked if name.startswith(own)}
    assert expected <= set(names)
    assert {name.split("/")[0] for name in names} == {*(package[:-1] for package in packages), names[-1].split("/")[0]}


def test_it_detects_without_torch_and_starts_within_a_second(plain):
    assert not any((plain.packages / name).exists() for name in ("torch", "numba", "scipy", "hydra"))
    assert_words_are_found(plain)
    seconds = min(float(plain.run("python", "-c", IMPORT).stdout) for _ in range(3))
    assert plain.megabytes < 400
    assert seconds < 1.0


def test_it_detects_from_a_read_only_folder_and_with_numba_too(plain):
    assert_words_are_found(plain, read_only=True)
    plain.install("dbnet-training[fast]")
    done = assert_words_are_found(plain, read_only=True)
    assert "no folder to keep compiled loops" not in done.stderr
    assert any((plain.folder.parent / "caches/dbnet-training").rglob("*.nbi"))


def test_check_reports_the_environment(plain):
    done = plain.run("dbnet", "check")
    assert done.returncode == 0, done.stdout
    assert re.search(r"onnxruntime\s+passed: words found: 1", done.stdout)
    assert 'torch           not installed: pip install "dbnet-training[train]"' in done.stdout
    assert str(plain.packages / "ocr/weights/receipt_light") in done.stdout
    refused = plain.run("dbnet", "train", "preset=quickstart")
    assert refused.returncode == 2
    assert 'pip install "dbnet-training[train]"' in refused.stderr


def test_opencv_with_windows_does_as_well(wheel, tmp_path):
    environment = Environment(tmp_path)
    environment.install("--no-deps", str(wheel))
    environment.install("opencv-python", "numpy", "pillow", "pyclipper", "shapely", "onnxruntime")
    found = environment.run("python", "-c", "import cv2")
    if "libGL" in found.stderr:
        pytest.skip("needs libGL, which opencv-python loads")
    assert_words_are_found(environment)
    assert "opencv-python " in environment.run("dbnet", "check").stdout


def test_commands_of_a_training_find_their_settings(wheel, tmp_path):
    environment = Environment(tmp_path)
    environment.install("--no-deps", str(wheel))
    environment.borrow_packages()
    assert "preset= (default: quickstart)" in environment.run("dbnet", "train", "--help").stdout
    trained = environment.run("dbnet", "train", f"datasets.root={ROOT / 'data/sample'}", *SMALL)
    assert trained.returncode == 0, trained.stderr[-3000:]
    (checkpoint,) = environment.here.rglob("best.ckpt")
    predicted = environment.run("dbnet", "predict", f"checkpoint_path={checkpoint}", f"images={PAGE}", "output=out")
    assert predicted.returncode == 0, predicted.stderr[-3000:]
    assert (environment.here / "out/submission.csv").is_file()
