"""A calibration as a whole, on maps of three words of which the last is found hardly."""

import pytest

from ocr.calibration import Axis, calibrate
from ocr.postprocess import DBPostProcess
from tests.calibration.labelled_maps import labelled_map

MAPS = [labelled_map(f"{seed}.jpg", seed=seed) for seed in range(6)]
BEFORE = vars(DBPostProcess(box_thresh=0.6))  # the last word has 0.45
AXES = {
    "thresh": Axis(0.25, 0.35, 0.05),
    "box_thresh": Axis(0.3, 0.7, 0.1),
    "unclip_ratio": Axis(1.0, 2.0, 0.5),
    "shrink_ratio": Axis(0.3, 0.5, 0.1),
    "min_size": Axis(1.0, 3.0, 1.0),
    "epsilon": Axis(0.5, 1.5, 0.5),
    "rectangle_fill": Axis(0.7, 0.9, 0.1),
}
QUICK = {"n_trials": 3, "repeats": 2}


@pytest.fixture(scope="module")
def calibrated():
    return calibrate(MAPS, BEFORE, AXES, **QUICK, source={"maps": "three words"})


def test_a_word_that_was_cut_comes_back(calibrated):
    """Two of three words before, all three after; what the mode reads is set, on the grid of the axes."""
    calibration = calibrated.calibration
    assert calibration.accepted
    assert calibration.gain.probability == 1.0
    assert 0.3 <= calibration.found["box_thresh"] <= 0.4
    assert calibration.settings == calibration.found
    assert calibration.before.recall < 0.8
    assert calibration.after.recall == 1.0
    assert calibration.cross_fitted == pytest.approx(calibration.before.hmean + calibration.gain.mean)
    assert (calibration.images, calibration.source) == (6, {"maps": "three words"})
    names = ["mode", "unclip", "thresh", "box_thresh", "shrink_ratio", "min_size", "epsilon", "rectangle_fill"]
    assert list(calibration.found) == list(calibration.defaults) == names
    assert calibration.defaults == {name: BEFORE[name] for name in names}
    assert calibrated.scan.thresh == [0.25, 0.3, 0.35]
    assert calibrated.scan.box_thresh == [0.3, 0.4, 0.5, 0.6, 0.7]
    assert calibrated.scan.score.shape == (3, 5)


@pytest.mark.parametrize("iou_weight", [0.0, 1.0])
def test_what_is_to_grow_decides(iou_weight):
    """A ratio of 0.5 brings a core of 42 x 6 px to 44.6 x 8.6 of its 52 x 16 px: all characters, but an IoU of 0.46."""
    before = BEFORE | {"box_thresh": 0.35, "unclip": "ratio", "unclip_ratio": 0.5}
    calibration = calibrate(MAPS, before, AXES, **QUICK, iou_weight=iou_weight).calibration
    assert calibration.iou_weight == iou_weight
    assert calibration.iou_before < 0.5
    assert calibration.before.hmean == 1.0
    assert calibration.accepted == (iou_weight == 1.0)
    if calibration.accepted:
        assert calibration.found["unclip_ratio"] >= 1.0
        assert calibration.iou_after == pytest.approx(calibration.cross_fitted)
        assert calibration.cross_fitted > 0.7


def test_the_same_seed_and_any_number_of_threads_find_the_same(calibrated):
    again = calibrate(MAPS, BEFORE, AXES, **QUICK, threads=1, source={"maps": "three words"})
    assert again.calibration == calibrated.calibration


def test_without_a_gain_the_settings_stay_as_they_were():
    before = BEFORE | {"box_thresh": 0.35}
    calibration = calibrate(MAPS, before, AXES, **QUICK).calibration
    assert not calibration.accepted
    assert calibration.settings == calibration.defaults
    assert calibration.gain.probability < 0.95


def test_the_confidence_asked_for_decides_and_settings_that_no_axis_moves_count_as_they_are():
    calibration = calibrate(MAPS[:3], BEFORE, AXES, **QUICK, confidence=1.0 + 1e-9).calibration
    assert not calibration.accepted
    assert calibration.settings["box_thresh"] == 0.6
    assert calibration.found["box_thresh"] < 0.5
    one_word = calibrate(MAPS[:2], BEFORE | {"max_candidates": 1}, AXES, **QUICK).calibration
    assert one_word.after.recall < 0.5
    with pytest.raises(ValueError, match="expected two images at least"):
        calibrate(MAPS[:1], BEFORE, AXES, **QUICK)
