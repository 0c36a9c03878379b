"""The compiled loops behind the training maps."""

import numpy as np
import pytest

from ocr.geometry.distance_field import holds_pixel_centre


# 2 px high at y = 4.6 … 6.6: the centres 5.5 and 4.6 + 1.9 = 6.5 lie 0.9 and 0.1 px deep.
@pytest.mark.parametrize(("distance", "expected"), [(0.85, True), (0.95, False)])
def test_a_shrunk_polygon_may_slip_between_the_pixel_centres(distance, expected):
    box = np.array([[10, 4.6], [30, 4.6], [30, 6.6], [10, 6.6]])
    assert holds_pixel_centre(box, distance) is expected
