"""A calibration beside typed settings: what contradicts it is refused or told."""

from dataclasses import replace

import pytest

from ocr.calibration import Calibration, CalibrationError, write_calibration
from ocr.metrics import Ratios
from ocr.statistics import PairedGain
from runners.wiring.calibrations import head_of_calibration

BEFORE = {"mode": "polygon", "unclip": "exact", "thresh": 0.3, "box_thresh": 0.4}
FOUND = BEFORE | {"box_thresh": 0.55}
ACCEPTED = Calibration(
    settings=FOUND,
    accepted=True,
    found=FOUND,
    defaults=BEFORE,
    before=Ratios(0.9, 0.9, 0.9),
    after=Ratios(0.92, 0.92, 0.92),
    cross_fitted=0.91,
    gain=PairedGain(mean=0.01, standard_error=0.003, low=0.005, high=0.015, probability=0.99),
    images=50,
    source={},
)


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
    assert head_of_calibration(path, typed()) == FOUND
    assert head_of_calibration(path, typed(mode="polygon", box_thresh=0.55)) == FOUND
    assert caplog.text == ""


@pytest.mark.parametrize(("name", "value", "there"), [("mode", "quad", "polygon"), ("unclip", "ratio", "exact")])
def test_a_calibration_for_other_polygons_is_refused(write, name, value, there):
    with pytest.raises(
        CalibrationError, match=rf"found\.json: was found for models\.head\.{name}={there}, got .*{name}={value}: calib"
    ):
        head_of_calibration(write(ACCEPTED), typed(**{name: value}))


def test_a_typed_number_that_replaces_a_found_one_is_told(write, caplog):
    assert head_of_calibration(write(ACCEPTED), typed(thresh=0.2)) == FOUND
    assert "typed settings replace some that the others were found with: thresh=0.2 for 0.3" in caplog.text


def test_a_verdict_against_the_settings_found_is_told(write, caplog):
    path = write(replace(ACCEPTED, accepted=False, settings=BEFORE))
    assert head_of_calibration(path, typed()) == BEFORE
    assert "found.json: its verdict was against the settings found, the settings from before hold. Keep" in caplog.text
    caplog.clear()
    path = write(replace(ACCEPTED, accepted=False))  # taken over by hand
    assert head_of_calibration(path, typed()) == FOUND
    assert "they are used all the same" in caplog.text
