"""Cutting the padding off, and maps in 8 and 16 bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.annotations.records import ImageRecord
from ocr.geometry import flip_horizontal, rotation, scaling, translation
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import ImageMap, check_covers_image, crop_to_image, read_words
from ocr.probability_maps.quantisation import to_8_bit, to_16_bit
from ocr.transforms.geometric import Letterbox


def record(width, height, matrix):
    return ImageRecord("a.jpg", width, height, matrix)


def test_the_padding_below_and_beside_is_cut_off():
    network_output = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    cropped = crop_to_image(network_output, record(100, 200, scaling(200 / 64)))  # 32 x 64 of 64 x 64
    np.testing.assert_array_equal(cropped.probability, network_output[:, :32])
    assert cropped.record.input_to_original.tolist() == [[3.125, 0, 0], [0, 3.125, 0], [0, 0, 1]]


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 40), st.sampled_from(["square", "multiple"]))
def test_whatever_a_letterbox_gives_is_cut_to_a_map_that_covers_its_image(width, height, strides, padding):
    view = Letterbox(32 * strides, padding)(width, height)
    cropped = crop_to_image(
        np.zeros((view.height_input, view.width_input), np.uint8),
        record(width, height, np.linalg.inv(view.original_to_input)),
    )
    rows, columns = cropped.probability.shape
    assert max(rows, columns) == 32 * strides
    np.testing.assert_array_equal(cropped.record.input_to_original, scaling(width / columns, height / rows))
    check_covers_image(cropped)


@pytest.mark.parametrize(
    "matrix",
    [
        translation(1, 0),
        flip_horizontal(64),
        rotation(3),
        scaling(100 / 63.5),
        np.diag([1, 1, 2.0]),
        scaling(1, -1),
        scaling(300),
    ],
    ids=["shifted", "mirrored", "turned", "half a pixel", "projective", "upside down", "nothing left"],
)
def test_a_matrix_that_is_no_scaling_to_whole_pixels_is_refused(matrix):
    with pytest.raises(ValueError, match=r"a\.jpg: expected a scaling to a whole number of pixels"):
        crop_to_image(np.zeros((128, 128), np.uint8), record(100, 100, matrix))


def test_a_map_of_another_shape_than_its_image_is_refused():
    with pytest.raises(ValueError, match=r"a\.jpg: expected a map of at least 50 x 25 px.* got 49 x 64"):
        crop_to_image(np.zeros((64, 49), np.uint8), record(100, 50, scaling(2)))
    with pytest.raises(ValueError, match=r"shape \(H, W\)"):
        crop_to_image(np.zeros((1, 64, 64), np.uint8), record(64, 64, np.eye(3)))
    with pytest.raises(ValueError, match=r"a\.jpg: expected the matrix of a map that covers its image.*crop_to_"):
        check_covers_image(ImageMap(record(100, 50, scaling(2)), np.zeros((32, 64), np.uint8)))


def test_words_are_read_in_the_pixels_of_the_image_and_a_map_of_another_shape_is_refused_by_its_name():
    """A region of 20 x 10 px of a map at half the image's size, not moved out, is a word of 40 x 20 px."""
    levels = np.zeros((32, 64), np.uint8)
    levels[10:20, 30:50] = 255
    image_map = ImageMap(record(128, 64, scaling(2)), levels)
    found = read_words(image_map, DBPostProcess(unclip="ratio", unclip_ratio=0.0, mode="quad"))
    np.testing.assert_allclose(found.polygons, [[[60, 20], [100, 20], [100, 40], [60, 40]]], atol=1e-3)
    with pytest.raises(ValueError, match=r"^a\.jpg: expected a probability map"):
        read_words(image_map._replace(probability=np.zeros((1, 32, 64), np.uint8)), DBPostProcess())


def test_all_levels_of_8_bits_survive_16_bits_and_those_of_16_go_to_the_nearest_of_8():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(to_16_bit(levels), levels * np.uint16(257))
    np.testing.assert_array_equal(to_8_bit(to_16_bit(levels)), levels)
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(to_8_bit(levels), np.rint(levels / 257.0))


def test_floats_go_to_the_nearest_level_and_nan_to_0():
    floats = np.array([[0.0, 1.0, 0.5, np.nan, -0.1, 1.2, np.inf, 100 / 65535]], np.float32)
    assert to_16_bit(floats).tolist() == [[0, 65535, 32768, 0, 0, 65535, 65535, 100]]
    assert to_8_bit(floats).tolist() == [[0, 255, 128, 0, 0, 255, 255, 0]]
