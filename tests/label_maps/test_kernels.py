"""The compiled loops that paint polygons."""

import numpy as np

from ocr.label_maps.kernels import erase_inside


def test_only_pixels_whose_centre_lies_inside_are_erased():
    mask = np.ones((4, 6), np.uint8)
    erase_inside(np.array([[1.4, 0.6], [4.6, 0.6], [4.6, 2.4], [1.4, 2.4]]), mask)
    expected = np.ones((4, 6), np.uint8)
    expected[1, 1:5] = 0  # row 1: centre 1.5; columns 1 … 4: centres 1.5 … 4.5
    np.testing.assert_array_equal(mask, expected)
