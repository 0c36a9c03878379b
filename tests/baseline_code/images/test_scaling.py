"""Images in another size: never without a pixel, and enlarged ones without new colours."""

import numpy as np
import pytest

from baseline_code.images.scaling import resize, shrink


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((50, 100, 3), (20, 40, 3)),
        ((101, 30), (40, 12)),  # 30 x 40 / 101 is 11.9
        ((1, 400), (1, 40)),  # 0.1 px would be none
        ((40, 40, 3), (40, 40, 3)),
        ((8, 16, 3), (8, 16, 3)),  # not enlarged
    ],
)
def test_the_longest_side_is_at_most_as_asked_for(shape, expected):
    assert shrink(np.zeros(shape, np.uint8), 40).shape == expected


def test_a_smaller_image_shows_the_means_and_a_larger_one_the_same_pixels():
    pixels = np.array([[0, 100], [200, 100]], np.uint8)
    assert resize(pixels, 0.5).tolist() == [[100]]
    assert resize(pixels, 2.0).tolist() == [[0, 0, 100, 100]] * 2 + [[200, 200, 100, 100]] * 2
