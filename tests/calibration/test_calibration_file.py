"""The calibration file; beside typed settings what contradicts it is refused or told."""

import json
from dataclasses import replace

import pytest

from ocr.calibration import Calibration, CalibrationError, read_calibration, write_calibration
from ocr.calibration.calibration_file import head_of_calibration
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
    iou_weight=0.3,
    iou_before=0.75,
    iou_after=0.78,
)
BEFORE = {"mode": "polygon", "unclip": "exact", "thresh": 0.3, "box_thresh": 0.4}
BETTER = BEFORE | {"box_thresh": 0.55}
ACCEPTED = replace(CALIBRATION, settings=BETTER, found=BETTER, defaults=BEFORE)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "folder" / "calibration.json"
    write_calibration(file, CALIBRATION)
    return file


def edited(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_what_is_written_is_read_again_also_after_an_edit_by_hand(path):
    assert read_calibration(path) == CALIBRATION
    assert [file.name for file in path.parent.iterdir()] == ["calibration.json"]
    content = json.loads(path.read_text())
    assert (content["version"], content["settings"]["unclip_ratio"], content["gain"]["probability"]) == (1, 1.8, 0.99)
    assert content["before"] == {"precision": 0.9, "recall": 0.8, "hmean": 0.84}
    assert read_calibration(edited(path, settings={"thresh": 0.4})) == replace(CALIBRATION, settings={"thresh": 0.4})
    content = {name: value for name, value in content.items() if not name.startswith("iou_")}
    path.write_text(json.dumps(content))  # as older versions wrote it: found for CLEval's H
    assert read_calibration(path) == replace(CALIBRATION, iou_weight=0.0, iou_before=None, iou_after=None)
    never = replace(CALIBRATION, settings={"rectangle_fill": float("inf")})  # no region is a rectangle
    write_calibration(path, never)
    assert read_calibration(path) == never


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected a calibration, got no such file; runners/calib"),
        ("", "expected a calibration as JSON"),
        ("[" * 100_000, "expected a calibration as JSON"),
        ("[1]", "expected a JSON object, got list"),
        ("{}", "expected a calibration of version 1, got None"),
        ('{"version": 2}', "expected a calibration of version 1, got 2; find it again"),
        ('{"version": 1}', "expected the fields of a calibration, got"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, message):
    if content is not None:
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
        ({"_target_": "os.system"}, "expected settings out of mode, .*, got '_target_'"),
        ([1], r"expected settings by name, got \[1\]"),
    ],
)
def test_settings_and_fields_that_a_calibration_may_not_have_are_named(path, settings, message):
    with pytest.raises(CalibrationError, match=rf"calibration\.json: {message}"):
        read_calibration(edited(path, settings=settings))
    with pytest.raises(CalibrationError, match=r"expected the fields of a calibration, got .*surprise"):
        read_calibration(edited(path, surprise=1))


@pytest.fixture
def write(tmp_path):
    def written(calibration):
        write_calibration(tmp_path / "found.json", calibration)
        return tmp_path / "found.json"

    return written


def typed(**settings):
    return {"mode": None, "unclip": None, "thresh": None, "box_thresh": None} | settings


def test_an_accepted_calibration_says_nothing(write, caplog):
    path = write(ACCEPTED)
    assert head_of_calibration(path, typed()) == BETTER
    assert head_of_calibration(path, typed(mode="polygon", box_thresh=0.55)) == BETTER
    assert caplog.text == ""


@pytest.mark.parametrize(("name", "value", "there"), [("mode", "quad", "polygon"), ("unclip", "ratio", "exact")])
def test_a_calibration_for_other_polygons_is_refused(write, name, value, there):
    with pytest.raises(
        CalibrationError, match=rf"found\.json: was found for models\.head\.{name}={there}, got .*{name}={value}: calib"
    ):
        head_of_calibration(write(ACCEPTED), typed(**{name: value}))


def test_a_typed_number_that_replaces_a_found_one_is_told(write, caplog):
    assert head_of_calibration(write(ACCEPTED), typed(thresh=0.2)) == BETTER
    assert "typed settings replace some that the others were found with: thresh=0.2 for 0.3" in caplog.text


def test_a_verdict_against_the_settings_found_is_told(write, caplog):
    path = write(replace(ACCEPTED, accepted=False, settings=BEFORE))
    assert head_of_calibration(path, typed()) == BEFORE
    assert "found.json: its verdict was against the settings found, the settings from before hold. Keep" in caplog.text
    caplog.clear()
    path = write(replace(ACCEPTED, accepted=False))  # taken over by hand
    assert head_of_calibration(path, typed()) == BETTER
    assert "they are used all the same" in caplog.text
