"""A tile counts less towards the sides that it shares, so that neighbours weigh 1 together."""

import numpy as np

from ocr.transforms.edge_fade import Fade


def test_weights_rise_through_the_pixels_centres():
    """Over 4 px: 0.5 / 4, 1.5 / 4, 2.5 / 4, 3.5 / 4."""
    window = Fade(left=4).window(6, 2)
    assert window.dtype == np.float32
    np.testing.assert_array_equal(window, [[0.125, 0.375, 0.625, 0.875, 1, 1]] * 2)


def test_each_side_has_its_own_share_and_no_pixel_counts_nothing():
    assert Fade().window(8, 4) is None
    np.testing.assert_array_equal(Fade(left=2, bottom=1).window(3, 2), np.outer([1, 0.5], [0.25, 0.75, 1]))
    window = Fade(32, 32, 32, 32).window(32, 32)
    assert 0 < window.min() < window.max() < 1


def test_two_tiles_weigh_1_together_where_they_overlap():
    before, behind = Fade(right=6).window(16, 1), Fade(left=6).window(16, 1)
    np.testing.assert_allclose(before[0, -6:] + behind[0, :6], 1, atol=1e-6)
