"""What people see of a calibration."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.calibration import Calibrated
from ocr.calibration.calibration_file import override_line, verdict
from ocr.calibration.heat_map import write_heat_map
from ocr.calibration.plateau import Plateau
from ocr.calibration.report import print_calibration
from ocr.calibration.search import GridScan
from ocr.statistics import PairedGain
from tests.calibration.test_calibration_file import CALIBRATION, DEFAULTS
from tests.visualization.printing import printed

INSIDE = np.zeros((4, 3), bool)
INSIDE[1:3, 1:] = True
SCAN = GridScan(
    thresh=[0.2, 0.25, 0.3, 0.35],
    box_thresh=[0.3, 0.4, 0.5],
    score=np.arange(12).reshape(4, 3) / 100 + 0.8,
    plateau=Plateau(centre=(1, 1), peak=(2, 1), inside=INSIDE),
)


def with_gain(mean, probability, *, accepted=False):
    return replace(CALIBRATION, accepted=accepted, gain=PairedGain(mean, mean - 0.01, mean + 0.01, probability, 0.005))


@pytest.mark.parametrize(
    ("calibration", "words"),
    [
        (
            with_gain(0.02, 0.99, accepted=True),
            r"Take the settings .*gain \+0\.0200 .* in 0\.7 CLEval H \+ 0\.3 IoU H: .* = 0\.990",
        ),
        (with_gain(0.002, 0.7), r"Keep the settings from before: a gain was not shown.*\+0\.0020.*More images"),
        (with_gain(-0.001, 0.4), r"Keep the settings from before: what looks like a gain .* is luck.*-0\.0010"),
        (replace(CALIBRATION, found=DEFAULTS, accepted=False), "the best that the search found: nothing to change"),
    ],
)
def test_the_verdict_says_what_to_do_and_why(calibration, words):
    assert re.search(words, verdict(calibration))


def test_the_override_line_has_what_changes_and_nothing_else_and_is_not_broken():
    assert override_line(CALIBRATION) == "models.head.thresh=0.25 models.head.unclip_ratio=1.8"
    assert override_line(replace(CALIBRATION, found=DEFAULTS)) == ""
    found = DEFAULTS | {"thresh": 0.123456, "box_thresh": 0.456789, "unclip_ratio": 1.823456, "min_size": 3.123456}
    line = override_line(replace(CALIBRATION, found=found))
    assert len(line) > 100
    assert line in shown(replace(CALIBRATION, found=found))


def shown(calibration, scan=SCAN):
    return printed(print_calibration, Calibrated(calibration, scan), width=100)


def test_tables_show_the_grid_the_settings_and_the_scores():
    text = shown(CALIBRATION)
    assert "(8400)" in text  # H of the centre: 0.84
    assert text.index("0.35") < text.index("0.2 ")  # thresh grows upwards, as in the image
    assert "cross-fitted, chosen without the image: 0.7 CLEval H + 0.3 IoU H 0.8600" in text
    assert "0.7500" in text  # IoU H before
    assert "models.head.thresh=0.25 models.head.unclip_ratio=1.8" in text
    assert "border" not in text
    scan = SCAN._replace(plateau=SCAN.plateau._replace(peak=(3, 1)))
    assert "at the border of the grid: widen" in shown(CALIBRATION, scan)


@pytest.mark.parametrize("thresh", [0.3, 0.9], ids=["on the grid", "off the grid"])
def test_the_heat_map_is_an_image_with_high_values_bright(tmp_path, thresh):
    calibration = replace(CALIBRATION, defaults=DEFAULTS | {"thresh": thresh})
    write_heat_map(tmp_path / "maps" / "heat.png", SCAN, calibration)
    image = cv2.imread(str(tmp_path / "maps" / "heat.png"))
    assert min(image.shape[:2]) > 300
    bright = np.argwhere(cv2.inRange(image, (20, 200, 230), (60, 255, 255)))  # viridis ends in yellow (BGR)
    assert bright[:, 0].min() < image.shape[0] / 2  # the best row is drawn on top
