"""The fixed ratio that stands for the exact unclip, worked out by hand."""

import numpy as np
import pytest

from ocr.export.host_settings import fit_unclip_ratio
from ocr.postprocess import DBPostProcess


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


def test_most_words_count():
    maps = [region(109, 9), region(109, 9), region(20, 18)]
    assert fit_unclip_ratio(maps, DBPostProcess(shrink_ratio=0.6)) == pytest.approx(1.60, abs=0.01)


def test_without_words_or_with_a_ratio_of_its_own_the_setting_stays():
    assert fit_unclip_ratio([np.zeros((32, 32), np.float32)], DBPostProcess(unclip_ratio=1.7)) == 1.7
    assert fit_unclip_ratio([region(109, 9)], DBPostProcess(unclip="ratio", unclip_ratio=1.9)) == 1.9
