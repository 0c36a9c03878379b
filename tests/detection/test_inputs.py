"""Every kind of image that people pass, and one line for what is none."""

import io

import numpy as np
import pytest
from PIL import Image

from ocr.detection.inputs import read_pixels

COLOUR = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
GREY = COLOUR[:, :, 0]
OPAQUE = np.full((6, 8, 1), 255, np.uint8)
AS_COLOUR = np.repeat(GREY[:, :, None], 3, axis=2)


def encoded(image, **options):
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def test_one_picture_has_the_same_pixels_as_a_path_as_bytes_as_a_pillow_image_and_as_an_array(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned: it is shown turned clockwise by 90 degrees
    stored = encoded(Image.fromarray(COLOUR), exif=exif)
    (tmp_path / "turned.png").write_bytes(stored)
    shown = np.rot90(COLOUR, -1)
    forms = [tmp_path / "turned.png", str(tmp_path / "turned.png"), stored, bytearray(stored), memoryview(stored)]
    for image in (*forms, Image.open(io.BytesIO(stored)), shown):
        pixels = read_pixels(image)
        assert np.array_equal(pixels, shown)
        assert pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (GREY, AS_COLOUR),
        (GREY[:, :, None], AS_COLOUR),
        (np.concatenate((GREY[:, :, None], OPAQUE), axis=2), AS_COLOUR),
        (np.concatenate((COLOUR, OPAQUE), axis=2), COLOUR),
        (np.concatenate((COLOUR, 0 * OPAQUE), axis=2), np.full_like(COLOUR, 255)),
        (COLOUR.astype(np.uint16) * 257, COLOUR),
        (COLOUR.astype(np.uint16), COLOUR),
        (GREY.astype(np.uint16), AS_COLOUR),
        (np.concatenate((COLOUR, OPAQUE), axis=2).astype(np.uint16), COLOUR),
        (COLOUR / 255, COLOUR),
        ((COLOUR / 255).astype(np.float32), COLOUR),
        (COLOUR.astype(np.int64), COLOUR),
        (GREY > 100, np.where(AS_COLOUR > 100, 255, 0)),
        (COLOUR[::-1, ::2], COLOUR[::-1, ::2]),
        (Image.fromarray(GREY), AS_COLOUR),
        (Image.fromarray(COLOUR).convert("RGBA"), COLOUR),
        (Image.fromarray(np.concatenate((GREY[:, :, None], OPAQUE), axis=2), "LA"), AS_COLOUR),
        (Image.fromarray(GREY.astype(np.uint16) * 257), AS_COLOUR),
    ],
    ids=[
        *("grey", "grey with an axis", "grey and alpha", "colour and alpha", "transparent", "16 bit"),
        *("8 bit in 16", "grey 8 bit in 16", "8 bit and alpha in 16", "float64"),
        *("float32", "int64", "bool", "no copy of its own", "pillow grey", "pillow RGBA", "pillow LA", "pillow 16 bit"),
    ],
)
def test_every_type_of_pixels_becomes_eight_bit_rgb(image, expected):
    pixels = read_pixels(image)
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, expected)
    assert pixels.flags.c_contiguous


@pytest.mark.parametrize("image", [COLOUR.astype(np.uint16) * 16, Image.fromarray(GREY.astype(np.uint16) * 16)])
def test_samples_of_12_bits_are_read_as_nearly_black_and_named(image, caplog):
    assert read_pixels(image, "image 3").max() < 16
    (said,) = caplog.messages
    assert said.startswith("image 3: expected samples of 16 bits, up to 65535, got none above ")
    assert said.endswith("read as nearly black; if they have 12 bits, multiply them by 16")


@pytest.mark.parametrize("tag", [262, 0x0112], ids=["white is zero", "turned"])
def test_a_tiff_that_pillow_has_opened_has_the_pixels_of_its_file(tag, tmp_path):
    """A value of 0 stands for white; an orientation of 6 is shown turned clockwise by 90 degrees."""
    samples = GREY.astype(np.uint16) * 257
    Image.fromarray(samples).save(tmp_path / "a.tif", tiffinfo={tag: 0 if tag == 262 else 6})
    shown = 255 - AS_COLOUR if tag == 262 else np.rot90(AS_COLOUR, -1)
    opened = Image.open(io.BytesIO((tmp_path / "a.tif").read_bytes()))  # Pillow scrambles a turned one by its name
    for image in (tmp_path / "a.tif", opened):
        assert np.array_equal(read_pixels(image), shown)


def test_arrays_of_opencv_say_so():
    assert np.array_equal(read_pixels(COLOUR[:, :, ::-1], channels="bgr"), COLOUR)
    assert np.array_equal(read_pixels(np.concatenate((COLOUR[:, :, ::-1], OPAQUE), axis=2), channels="bgr"), COLOUR)
    assert np.array_equal(read_pixels(GREY, channels="bgr"), AS_COLOUR)


@pytest.mark.parametrize(
    ("image", "kind", "message"),
    [
        (None, TypeError, r"page 3: expected a path, .* got None"),
        (7, TypeError, r"page 3: expected a path, .* got int"),
        ([[1, 2]], TypeError, r"page 3: expected a path, .* got list"),
        (b"", ValueError, r"page 3: expected .*, got an empty file"),
        (b"no image", ValueError, r"page 3: expected .*, got a file that begins with b'no image'"),
        ("absent.jpg", ValueError, r"absent\.jpg: expected .*, got no such file"),
        (COLOUR.transpose(2, 0, 1), ValueError, r"page 3: .*got \(3, 6, 8\): move the channels last"),
        (COLOUR[None], ValueError, r"page 3: .*got \(1, 6, 8, 3\): give several images as a list"),
        (COLOUR[:0], ValueError, r"page 3: .*got \(0, 8, 3\)"),
        (COLOUR.astype(np.float32), ValueError, r"page 3: expected floats in \[0, 1\], got float32 from "),
        (COLOUR * np.nan, ValueError, r"page 3: expected floats in \[0, 1\], got float64 from nan"),
        (COLOUR.astype(int) - 300, ValueError, r"page 3: expected whole numbers in \[0, 255\], got int64 from -"),
        (COLOUR.astype(str), ValueError, r"page 3: expected pixels of type uint8, uint16 or float, got <U"),
        (Image.fromarray(GREY.astype(np.float32)), ValueError, r"page 3: expected a Pillow image .*, got F "),
    ],
    ids=lambda value: None,
)
def test_what_is_no_image_is_named(image, kind, message):
    with pytest.raises(kind, match=message):
        read_pixels(image, "page 3")
