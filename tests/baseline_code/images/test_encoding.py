"""Pixels as files: lossless in a PNG, and colours in their places."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from baseline_code.images.encoding import encode_jpeg, encode_png


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
@pytest.mark.parametrize("compression", [None, 6])
def test_a_png_holds_the_pixels_as_they_are(shape, compression):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    read = Image.open(BytesIO(encode_png(pixels, compression)))
    assert read.format == "PNG"
    np.testing.assert_array_equal(np.asarray(read), pixels)


def test_a_png_holds_levels_of_16_bits():
    levels = np.array([[0, 1], [256, 65535]], np.uint16)
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(encode_png(levels)))), levels)


def test_a_view_is_encoded_like_its_copy():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    assert encode_png(pixels[:, ::-1, :3]) == encode_png(pixels[:, ::-1, :3].copy())


def test_red_stays_red_in_a_jpeg_and_more_quality_takes_more_bytes():
    red = np.zeros((16, 16, 3), np.uint8)
    red[:, :, 0] = 200
    read = Image.open(BytesIO(encode_jpeg(red, 90)))
    assert read.format == "JPEG"
    assert np.abs(np.asarray(read).astype(int) - red).max() <= 3
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert len(encode_jpeg(noise, 90)) > len(encode_jpeg(noise, 50))


def test_an_image_too_long_for_a_jpeg_is_refused():
    with pytest.raises(ValueError, match=r"fits into a \.jpg file, got one of 8 x 65501 px"):
        encode_jpeg(np.zeros((65501, 8, 3), np.uint8), 90)
