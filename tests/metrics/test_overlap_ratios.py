"""Overlaps of all pairs of two sets of polygons."""

import numpy as np
import pytest

from ocr.geometry.packed import pack_polygons
from ocr.metrics.overlap_ratios import overlap_ratios
from tests.small_data import block


def packed(*words):
    return pack_polygons([np.array(word, np.float32) for word in words])


def test_overlaps_are_over_the_union_and_over_the_second():
    """10 x 10 against its right half and 5 x 10 beyond: shared 50 of 150; against a quarter of it: 25 of 100."""
    first = packed(block(0, 0, 10, 10), block(100, 0, 4, 4))
    second = packed(block(5, 0, 10, 10), block(0, 0, 5, 5), block(50, 50, 3, 3))
    ious, fractions = overlap_ratios(first, second)
    assert ious == pytest.approx(np.array([[1 / 3, 0.25, 0], [0, 0, 0]]))
    assert fractions == pytest.approx(np.array([[0.5, 1, 0], [0, 0, 0]]))


def test_no_polygons_have_no_overlaps():
    assert [table.shape for table in overlap_ratios(packed(), packed(block(0, 0, 1, 1)))] == [(0, 1), (0, 1)]
