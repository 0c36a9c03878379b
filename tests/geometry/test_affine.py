"""3x3 matrices between image frames."""

import cv2
import numpy as np
import pytest

from ocr.geometry import (
    flip_horizontal,
    rotation,
    scaling,
    to_opencv,
    transform_polygon,
    translation,
)

POINT = np.array([[3.0, 1.0]], np.float32)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (translation(2, -5), [5, -4]),
        (scaling(2), [6, 2]),
        (scaling(2, 10), [6, 10]),
        (rotation(90), [-1, 3]),  # clockwise on screen: what pointed right points down
        (rotation(90, 3, 0), [2, 0]),  # (0, 1) from the centre becomes (-1, 0)
        (rotation(-90), [1, -3]),
        (flip_horizontal(10), [7, 1]),
        (scaling(2, -1), [6, -1]),
        (translation(1, 0) @ scaling(2), [7, 2]),  # the right one first
    ],
)
def test_a_point_goes_where_the_matrix_says(matrix, expected):
    np.testing.assert_allclose(transform_polygon(POINT, matrix), [expected], atol=1e-6)


def test_a_projective_matrix_divides_by_its_last_row():
    matrix = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1.0]])
    np.testing.assert_allclose(transform_polygon(POINT, matrix), [[3 / 4, 1 / 4]])


def test_there_and_back_leaves_a_polygon_as_it_was():
    matrix = translation(3, 9) @ rotation(17, 5, 6) @ scaling(0.7, 1.3) @ flip_horizontal(40)
    polygon = np.array([[1, 2], [30, 4], [28, 9], [2, 11]], np.float32)
    back = transform_polygon(transform_polygon(polygon, matrix), np.linalg.inv(matrix))
    np.testing.assert_allclose(back, polygon, atol=1e-4)


def test_no_vertices_stay_no_vertices():
    assert transform_polygon(np.empty((0, 2), np.float32), scaling(2)).shape == (0, 2)


def test_a_matrix_of_two_rows_is_refused():
    with pytest.raises(ValueError, match=r"expected a \(3, 3\) matrix, got \(2, 3\)"):
        transform_polygon(POINT, scaling(2)[:2])


def test_points_that_are_not_pairs_are_refused():
    with pytest.raises(ValueError, match=r"shape \(K, 2\), got \(4,\)"):
        transform_polygon(np.zeros(4, np.float32), scaling(2))


def test_enlarging_by_opencv_moves_no_pixel_border():
    image = np.zeros((4, 6), np.uint8)
    image[1, 2] = 255  # covers [2, 3) x [1, 2): three times as large [6, 9) x [3, 6)
    enlarged = cv2.warpAffine(image, to_opencv(scaling(3)), (18, 12), flags=cv2.INTER_NEAREST)
    expected = np.zeros((12, 18), np.uint8)
    expected[3:6, 6:9] = 255
    np.testing.assert_array_equal(enlarged, expected)


def test_flipping_by_opencv_is_numpys_flip():
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    flipped = cv2.warpAffine(image, to_opencv(flip_horizontal(6)), (6, 4), flags=cv2.INTER_NEAREST)
    np.testing.assert_array_equal(flipped, image[:, ::-1])
    upside_down = translation(0, 4) @ scaling(1, -1)
    flipped = cv2.warpAffine(image, to_opencv(upside_down), (6, 4), flags=cv2.INTER_NEAREST)
    np.testing.assert_array_equal(flipped, image[::-1])


def test_opencv_takes_no_projective_matrix():
    with pytest.raises(ValueError, match="expected an affine matrix"):
        to_opencv(np.array([[1, 0, 0], [0, 1, 0], [0.1, 0, 1]]))
