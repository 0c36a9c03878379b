"""What other programs are given: the ratio that stands for the exact unclip, and limits of an image's sides."""

import re

import numpy as np
import pytest

from ocr.detection.reading import Reading
from ocr.export.host_settings import describe_host, fit_unclip_ratio, paddle_configuration
from ocr.postprocess import DBPostProcess

SHORT = Reading.of({"img_size": 736, "resize": "short_side", "max_side": 1600, "padding": "multiple"})
LONG = Reading.of({"img_size": 960, "padding": "multiple"})


def region(width, height):
    probability = np.zeros((64, 256), np.float32)
    probability[20 : 20 + height, 10 : 10 + width] = 1
    return probability


def test_the_ratio_brings_a_region_back_to_its_word():
    """A word of 120 x 20 px, r = 0.6: D = 2400 (1 - 0.36) / 280 = 5.486, so its core is about 109 x 9 px.

    Through the centres of its pixels that core is 108 x 8, and has to move out by D + 0.5 = 5.97 (D of that core is
    5.47): ratio = 5.97 * 2 (108 + 8) / (108 * 8) = 1.60.
    """
    assert fit_unclip_ratio([region(109, 9)], DBPostProcess(shrink_ratio=0.6)) == pytest.approx(1.60, abs=0.01)


def test_a_slanted_region_is_less_than_a_pixel_too_small():
    """A diamond of 221 pixels, r = 0.6: a square of 14.87 px, through the centres one of 10 sqrt(2) = 14.14 px.

    The first moves out by 4 / 17 of its side, 3.50, so the second by 3.50 + 0.72 / 2 = 3.86: ratio = 3.86 * 4 / 14.14
    = 1.09. A whole pixel added, as to an upright region, would make it 1.15.
    """
    rows, columns = np.indices((64, 256))
    diamond = (np.abs(rows - 32) + np.abs(columns - 40) <= 10).astype(np.float32)
    assert fit_unclip_ratio([diamond], DBPostProcess(shrink_ratio=0.6)) == pytest.approx(1.09, abs=0.001)


def test_most_words_count():
    maps = [region(109, 9), region(109, 9), region(20, 18)]
    assert fit_unclip_ratio(maps, DBPostProcess(shrink_ratio=0.6)) == pytest.approx(1.60, abs=0.01)


def test_without_words_or_with_a_ratio_of_its_own_the_setting_stays():
    assert fit_unclip_ratio([np.zeros((32, 32), np.float32)], DBPostProcess(unclip_ratio=1.7)) == 1.7
    assert fit_unclip_ratio([region(109, 9)], DBPostProcess(unclip="ratio", unclip_ratio=1.9)) == 1.9


def stated(text, name):
    return re.search(rf'{name}"?[:=] ?"?(\w+)', text)[1]


def limited(width, height, limit, side):
    """The sides behind `limit_type` and `limit_side_len`, as PaddleOCR, rapidocr and onnxocr read them."""
    given = {"max": max(width, height), "min": min(width, height), "resize_long": max(width, height)}[limit]
    is_kept = {"max": given <= side, "min": given >= side, "resize_long": False}[limit]
    scale = 1 if is_kept else side / given
    return width * scale, height * scale


def rounded(width, height):
    return round(width / 32) * 32, round(height / 32) * 32


def read_by(name, reading, width, height):
    """The input that a program makes of an image with the settings of its text."""
    text = describe_host(name, reading)
    if name == "rapidocr":  # its limit of the long side comes first
        most = int(stated(text, "max_side_len"))
        width, height = limited(width, height, "max", most)
    limit, side = stated(text, "limit_type"), int(stated(text, "limit_side_len"))
    width, height = limited(width, height, limit, side)
    if name == "paddle" and "max_side_limit" in text:
        width, height = limited(width, height, "max", int(stated(text, "max_side_limit")))
    return rounded(width, height)


@pytest.mark.parametrize("name", ["rapidocr", "onnxocr", "paddle"])
@pytest.mark.parametrize(
    ("reading", "size", "expected"),
    [
        (SHORT, (1280, 720), (1312, 736)),  # 736 / 720 of 1,280 is 1,308
        (SHORT, (480, 640), (736, 992)),  # 736 / 480 of 640 is 981
        (LONG, (1280, 720), (960, 544)),  # 960 / 1,280 of 720 is 540
    ],
)
def test_a_program_is_fed_the_size_that_the_detector_reads(name, reading, size, expected):
    assert reading.letterbox(*size)[1:] == expected
    assert read_by(name, reading, *size) == expected


def test_the_cap_of_the_long_side_holds_where_a_program_has_one():
    """2,000 x 500 px: the detector stops at a long side of 1,600; PaddleX does, too, after it has enlarged."""
    assert SHORT.letterbox(2000, 500)[1:] == (1600, 416)
    assert read_by("paddle", SHORT, 2000, 500) == (1600, 384)  # it rounds 400 / 32 = 12.5 to the even number
    assert "it does not hold the long side to 1600 px" in describe_host("onnxocr", SHORT)
    assert "does not reduce images to the short side" in describe_host("rapidocr", SHORT)


def test_paddles_configuration_states_the_short_side():
    yaml = pytest.importorskip("yaml")
    operations = yaml.safe_load(paddle_configuration(SHORT))["PreProcess"]["transform_ops"]
    (resize,) = [one["DetResizeForTest"] for one in operations if "DetResizeForTest" in one]
    assert resize == {"limit_side_len": 736, "limit_type": "min", "max_side_limit": 1600}
