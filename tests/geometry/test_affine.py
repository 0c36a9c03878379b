"""3x3 matrices between image frames."""

import cv2
import numpy as np
import pytest

from ocr.geometry import flip_horizontal, rotation, scaling, to_opencv, transform_polygon, translation

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


def test_there_and_back_leaves_a_polygon_as_it_was():
    matrix = translation(3, 9) @ rotation(17, 5, 6) @ scaling(0.7, 1.3) @ flip_horizontal(40)
    for polygon in (np.array([[1, 2], [30, 4], [28, 9], [2, 11]], np.float32), np.empty((0, 2), np.float32)):
        back = transform_polygon(transform_polygon(polygon, matrix), np.linalg.inv(matrix))
        np.testing.assert_allclose(back, polygon, atol=1e-4)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (flip_horizontal(6), lambda image: image[:, ::-1]),
        (translation(0, 4) @ scaling(1, -1), lambda image: image[::-1]),
        (scaling(3), lambda image: image.repeat(3, axis=0).repeat(3, axis=1)),  # moves no pixel's border
    ],
    ids=["flipped", "upside down", "enlarged"],
)
def test_opencv_moves_pixels_as_the_matrix_moves_their_borders(matrix, expected):
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    height, width = expected(image).shape
    moved = cv2.warpAffine(image, to_opencv(matrix), (width, height), flags=cv2.INTER_NEAREST)
    np.testing.assert_array_equal(moved, expected(image))


def test_a_projective_matrix_divides_by_its_last_row_which_opencv_does_not():
    matrix = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1.0]])
    np.testing.assert_allclose(transform_polygon(POINT, matrix), [[3 / 4, 1 / 4]])
    with pytest.raises(ValueError, match="expected an affine matrix"):
        to_opencv(matrix)


def test_what_is_no_matrix_or_no_pairs_is_refused():
    with pytest.raises(ValueError, match=r"expected a \(3, 3\) matrix, got \(2, 3\)"):
        transform_polygon(POINT, scaling(2)[:2])
    with pytest.raises(ValueError, match=r"shape \(K, 2\), got \(4,\)"):
        transform_polygon(np.zeros(4, np.float32), scaling(2))
