"""The calibration file."""

import json
from dataclasses import replace

import pytest

from ocr.calibration import Calibration, CalibrationError, read_calibration, write_calibration
from ocr.metrics import Ratios
from ocr.statistics import PairedGain

DEFAULTS = {"mode": "quad", "unclip": "ratio", "thresh": 0.3, "box_thresh": 0.4, "unclip_ratio": 1.5, "min_size": 2.0}
FOUND = DEFAULTS | {"thresh": 0.25, "unclip_ratio": 1.8}
CALIBRATION = Calibration(
    settings=FOUND,
    accepted=True,
    found=FOUND,
    defaults=DEFAULTS,
    before=Ratios(0.9, 0.8, 0.84),
    after=Ratios(0.92, 0.83, 0.87),
    cross_fitted=0.86,
    gain=PairedGain(0.02, 0.01, 0.03, 0.99, 0.005),
    images=76,
    source={"maps": "a folder", "fingerprint": "0a1b", "tta": {"flip": False}},
)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "folder" / "calibration.json"
    write_calibration(file, CALIBRATION)
    return file


def edited(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_what_is_written_is_read_again(path):
    assert read_calibration(path) == CALIBRATION
    assert [file.name for file in path.parent.iterdir()] == ["calibration.json"]


def test_the_file_tells_settings_and_scores_by_name(path):
    content = json.loads(path.read_text())
    assert content["version"] == 1
    assert content["settings"]["unclip_ratio"] == 1.8
    assert content["before"] == {"precision": 0.9, "recall": 0.8, "hmean": 0.84}
    assert content["gain"]["probability"] == 0.99


def test_settings_may_be_edited_by_hand(path):
    assert read_calibration(edited(path, settings={"thresh": 0.4})) == replace(CALIBRATION, settings={"thresh": 0.4})


def test_a_region_that_is_never_a_rectangle_survives(tmp_path):
    never = replace(CALIBRATION, settings={"rectangle_fill": float("inf")})
    write_calibration(tmp_path / "never.json", never)
    assert read_calibration(tmp_path / "never.json") == never


def test_a_missing_file_says_what_writes_one(tmp_path):
    with pytest.raises(CalibrationError, match=r"none\.json: expected a calibration, got no such file; runners/calib"):
        read_calibration(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a calibration as JSON"),
        ("[" * 100_000, "expected a calibration as JSON"),
        ("[1]", "expected a JSON object, got list"),
        ("{}", "expected a calibration of version 1, got None"),
        ('{"version": 2}', "expected a calibration of version 1, got 2; find it again"),
        ('{"version": 1}', "expected the fields of a calibration, got"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, message):
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(CalibrationError, match=rf"other\.json: {message}"):
        read_calibration(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"thresh": 1.5}, r"expected thresh in \[0, 1\], got 1\.5"),
        ({"mode": "circle"}, "expected mode"),
        ({"thresh": "high"}, "expected thresh to be a number of at most 1e.06, got 'high'"),
        ({"thresh": True}, "expected thresh to be a number of at most 1e.06, got True"),
        ({"mode": 3}, "expected mode to be a word, got 3"),
        ({"lr": 0.1}, "expected settings out of mode, .*, got 'lr'"),
        ({"_target_": "os.system"}, "expected settings out of mode, .*, got '_target_'"),
        ([1], r"expected settings by name, got \[1\]"),
    ],
)
def test_settings_that_a_calibration_may_not_have_are_named(path, settings, message):
    with pytest.raises(CalibrationError, match=rf"calibration\.json: {message}"):
        read_calibration(edited(path, settings=settings))


def test_a_field_too_many_is_refused(path):
    with pytest.raises(CalibrationError, match=r"expected the fields of a calibration, got .*surprise"):
        read_calibration(edited(path, surprise=1))
