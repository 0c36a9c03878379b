"""The one image loader."""

import io
import os
import struct
import warnings
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from baseline_code.images.reading import (
    ImageFormatError,
    ImageReadError,
    ImageTooLargeError,
    decode_image,
    open_image,
    read_image,
    read_image_size,
)
from ocr.geometry import transform_polygon

# A 2 x 3 (height x width) image of six different greys, each written as a 16 x 16 block so that JPEG keeps it.
UPRIGHT = np.array([[0, 50, 100], [150, 200, 250]], dtype=np.uint8)
# What must be stored so that a viewer that obeys the orientation shows UPRIGHT, worked out by hand: orientation 6
# ("turn 90 degrees clockwise to display") stores the image turned counter-clockwise, and so on.
STORED = {
    1: [[0, 50, 100], [150, 200, 250]],
    2: [[100, 50, 0], [250, 200, 150]],
    3: [[250, 200, 150], [100, 50, 0]],
    4: [[150, 200, 250], [0, 50, 100]],
    5: [[0, 150], [50, 200], [100, 250]],
    6: [[100, 250], [50, 200], [0, 150]],
    7: [[250, 100], [200, 50], [150, 0]],
    8: [[150, 0], [200, 50], [250, 100]],
}


def blocks(values):
    return np.kron(np.array(values, dtype=np.uint8), np.ones((16, 16), dtype=np.uint8))


def block_centres(pixels):
    return pixels[8::16, 8::16].astype(int)


def noise(height=60, width=80, channels=3, seed=0):
    smooth = np.random.default_rng(seed).integers(0, 256, (height // 10, width // 10, channels), dtype=np.uint8)
    return np.kron(smooth, np.ones((10, 10, 1), dtype=np.uint8))


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def jpeg_bytes(pixels, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=90, **options)
    return stream.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("colour", [False, True])
def test_the_exif_orientation_is_applied_exactly_once(tmp_path, suffix, orientation, colour):
    path = tmp_path / f"image.{suffix}"
    stored = Image.fromarray(blocks(STORED[orientation]))
    options = {"quality": 95} if suffix == "jpg" else {"lossless": True} if suffix == "webp" else {}
    (stored.convert("RGB") if colour else stored).save(path, exif=exif(orientation), **options)
    pixels = read_image(path)
    assert pixels.shape == (32, 48, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    np.testing.assert_allclose(block_centres(pixels), np.repeat(UPRIGHT[..., None], 3, axis=2), atol=2)
    assert colour or (pixels == pixels[..., :1]).all()
    assert read_image_size(path) == (48, 32)


@pytest.mark.parametrize("block", [exif(0), exif(9), exif(65535), b"Exif\x00\x00MM\x00*\x00\x00\xff\xff\xff\xff"])
def test_an_orientation_that_makes_no_sense_or_cannot_be_read_is_left_alone(tmp_path, block):
    (tmp_path / "image.jpg").write_bytes(jpeg_bytes(blocks(UPRIGHT), exif=block))
    np.testing.assert_allclose(block_centres(read_image(tmp_path / "image.jpg"))[..., 1], UPRIGHT, atol=2)


def test_an_ordinary_jpeg_has_the_same_pixels_in_red_green_and_blue_as_through_pillow(tmp_path):
    path = tmp_path / "a.jpg"
    for options in ({}, {"progressive": True}, {"subsampling": 2}, {"optimize": True, "restart_marker_rows": 1}):
        path.write_bytes(jpeg_bytes(noise(), **options))
        np.testing.assert_allclose(read_image(path).astype(int), np.array(Image.open(path)).astype(int), atol=2)


def image(mode, *pixels):
    """A row of pixels."""
    return Image.fromarray(np.array([pixels], np.uint8), mode=mode)


PALETTE = Image.new("P", (3, 1))
PALETTE.putpalette([200, 10, 20, 30, 40, 50, 60, 70, 80])
PALETTE.putdata([0, 1, 2])
RGBA = image("RGBA", (100, 0, 255, 51), (100, 0, 0, 0), (100, 0, 0, 255))
# 100 at alpha 51/255 = 0.2 over 255: 0.2 x 100 + 0.8 x 255 = 224; transparent: 255; opaque: 100
OVER_WHITE = [(224, 204, 255), (255, 255, 255), (100, 0, 0)]


@pytest.mark.parametrize(
    ("stored", "suffixes", "options", "expected"),
    [
        (Image.fromarray(np.array([[True, False]])), "png tif bmp", {}, [(255,) * 3, (0,) * 3]),
        (RGBA, "png tif", {}, OVER_WHITE),
        (RGBA, "webp", {"lossless": True, "exact": True}, OVER_WHITE),
        (image("LA", (100, 51), (100, 0), (100, 255)), "png", {}, [(224,) * 3, (255,) * 3, (100,) * 3]),
        (PALETTE, "png bmp tif", {}, [(200, 10, 20), (30, 40, 50), (60, 70, 80)]),
        (PALETTE, "png", {"transparency": 1}, [(200, 10, 20), (255, 255, 255), (60, 70, 80)]),
        (PALETTE, "png", {"transparency": b"\xff\xff\x00"}, [(200, 10, 20), (30, 40, 50), (255, 255, 255)]),
        (image("RGB", (1, 2, 3), (4, 5, 6)), "png", {"transparency": (1, 2, 3)}, [(255, 255, 255), (4, 5, 6)]),
        (image("L", 7, 8), "png", {"transparency": 7}, [(255,) * 3, (8,) * 3]),
        (image("L", 7, 8), "bmp", {}, [(7,) * 3, (8,) * 3]),
    ],
)
def test_bits_greys_and_palettes_become_colours_and_transparency_white(tmp_path, stored, suffixes, options, expected):
    for suffix in suffixes.split():
        stored.save(tmp_path / f"a.{suffix}", **options)
        pixels = read_image(tmp_path / f"a.{suffix}")
        np.testing.assert_array_equal(pixels, [expected])
        assert pixels.flags.c_contiguous
        assert pixels.flags.writeable


def test_16_bit_samples_keep_their_high_byte(tmp_path):
    # 0x00FF -> 0, 0x0100 -> 1, 100 x 257 and 100 x 256 -> 100, 65535 -> 255
    samples = np.array([[0, 0x00FF, 0x0100, 100 * 257, 100 * 256, 65535]], dtype=np.uint16)
    expected = [[0, 0, 1, 100, 100, 255]]
    for name in ("grey.png", "grey.tif"):
        cv2.imwrite(str(tmp_path / name), samples)
        np.testing.assert_array_equal(read_image(tmp_path / name)[..., 2], expected)
    blue_green_red = np.stack([np.zeros_like(samples), samples[:, ::-1], samples], axis=-1)
    for name in ("colour.png", "colour.tif"):
        cv2.imwrite(str(tmp_path / name), blue_green_red)
        pixels = read_image(tmp_path / name)
        np.testing.assert_array_equal(pixels[..., 0], expected)
        np.testing.assert_array_equal(pixels[..., 1], [[255, 100, 100, 1, 0, 0]])
        assert (pixels[..., 2] == 0).all()
    transparent = np.array([[[0, 0, 100 * 257, 51 * 257], [0, 0, 0, 0]]], dtype=np.uint16)  # blue, green, red, alpha
    cv2.imwrite(str(tmp_path / "alpha.png"), transparent)
    np.testing.assert_array_equal(read_image(tmp_path / "alpha.png"), [[(224, 204, 204), (255, 255, 255)]])


def test_a_16_bit_grey_key_colour_becomes_white(tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, 0, 0, 0, 0))
    body = chunk(b"tRNS", struct.pack(">H", 0x1234)) + chunk(
        b"IDAT", zlib.compress(b"\x00" + struct.pack(">HH", 0x1234, 0x5678))
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b""))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png")[..., 0], [[255, 0x56]])


def test_32_bit_samples_have_no_defined_range_and_are_refused(tmp_path):
    Image.fromarray(np.zeros((2, 2), dtype=np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ImageReadError, match=r"a\.tif.*expected 8 or 16 bits per sample, got mode F"):
        read_image(tmp_path / "a.tif")


def test_cmyk_is_converted(tmp_path):
    # no ink: white; full cyan: no red; full black: black
    inks = np.zeros((16, 48, 4), dtype=np.uint8)
    inks[:, 16:32, 0] = 255
    inks[:, 32:, 3] = 255
    expected = np.array([[255, 255, 255], [0, 255, 255], [0, 0, 0]])
    for name in ("a.jpg", "a.tif"):
        Image.fromarray(inks, mode="CMYK").save(tmp_path / name)
        np.testing.assert_allclose(read_image(tmp_path / name)[8, 8::16].astype(int), expected, atol=3)


def test_the_name_does_not_decide_the_format(tmp_path):
    Image.fromarray(noise()).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg"), noise())


def test_the_end_of_an_exif_thumbnail_is_not_taken_for_the_end_of_the_jpeg(tmp_path):
    path = tmp_path / "a.jpg"
    thumbnail = jpeg_bytes(noise(20, 20))
    data = jpeg_bytes(noise(300, 400), exif=b"Exif\x00\x00" + exif(1).tobytes()[6:] + thumbnail)
    assert data.count(b"\xff\xd9") >= 2
    path.write_bytes(data)
    assert read_image(path).shape == (300, 400, 3)
    path.write_bytes(data[: len(data) - 400])
    with pytest.raises(ImageReadError, match="cut short"):
        read_image(path)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: path.touch(), "an empty file"),
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "a directory"),
        pytest.param(
            lambda path: os.mkfifo(path),  # reading must not wait for a writer
            "a pipe",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes"),
        ),
    ],
)
def test_what_is_no_file_with_content_is_named(tmp_path, make, found):
    make(tmp_path / "a.jpg")
    for read in (read_image, read_image_size):
        with pytest.raises(ImageReadError, match=rf"a\.jpg: expected .*, got {found}"):
            read(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("content", "hint", "kind"),
    [
        (b"%PDF-1.7 and so on", "save its pages", ImageFormatError),
        (b"\xff\x0a" + bytes(40), "JPEG XL cannot be read", ImageFormatError),
        (b"GIF89a" + bytes(50), "", ImageReadError),
        (b"\xff\xd8\xff", "", ImageReadError),
        (b"x", "", ImageFormatError),
    ],
)
def test_a_file_that_is_no_image_is_named_with_its_first_bytes_and_a_hint(tmp_path, content, hint, kind):
    (tmp_path / "a.jpg").write_bytes(content)
    message = rf"a\.jpg: expected a JPEG, PNG.*got a file that begins with b'.*{hint}"
    with pytest.raises(ImageReadError, match=message) as caught:
        read_image(tmp_path / "a.jpg")
    assert caught.type is kind  # a damaged image is no other format


def test_an_absurd_size_is_refused_from_the_header(tmp_path):
    # A BMP header that promises 20000 x 10000 pixels, of which none follows: decoding would fail in another way.
    header = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 20000, 10000, 1, 24, *[0] * 6)
    (tmp_path / "a.bmp").write_bytes(header)
    for read in (read_image, read_image_size):
        with pytest.raises(ImageReadError, match=r"a\.bmp: expected at most 178 megapixels, got"):
            read(tmp_path / "a.bmp")


def test_the_size_limit_can_be_lowered(tmp_path):
    Image.fromarray(noise(60, 80)).save(tmp_path / "a.png")
    body = (tmp_path / "a.png").read_bytes()
    assert decode_image(body, "body", max_megapixels=0.0048).shape == (60, 80, 3)
    with pytest.raises(ImageTooLargeError, match=r"body: expected at most 0\.0047 megapixels, got 80 x 60"):
        decode_image(body, "body", max_megapixels=0.0047)
    with pytest.raises(ValueError, match=r"expected max_megapixels in \(0, 178\], got 200"):
        decode_image(body, "body", max_megapixels=200)


def test_a_large_but_allowed_size_warns_nobody(tmp_path):
    Image.new("1", (10_000, 9_000)).save(tmp_path / "a.png")  # 90 MP: Pillow alone would warn
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image_size(tmp_path / "a.png") == (10_000, 9_000)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_cut_at_any_byte_is_an_error_unless_only_the_end_marker_is_lacking(tmp_path, progressive):
    path = tmp_path / "a.jpg"
    data = jpeg_bytes(noise(30, 30), progressive=progressive)
    path.write_bytes(data)
    whole = read_image(path)
    for length in range(len(data) - 2):
        path.write_bytes(data[:length])
        with pytest.raises(ImageReadError, match=r"a\.jpg"):
            read_image(path)
    for length in (len(data) - 2, len(data) - 1):
        path.write_bytes(data[:length])
        np.testing.assert_array_equal(read_image(path), whole)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("scale", [1.0, 0.1])
@pytest.mark.parametrize("fraction", [0.1, 0.34, 0.7, 0.95])
def test_a_cut_is_an_error_at_any_resolution_and_an_end_marker_hides_nothing(tmp_path, mode, scale, fraction):
    stream = io.BytesIO()
    Image.fromarray(noise(300, 400)).convert(mode).save(stream, "JPEG")
    data = stream.getvalue()
    for end in (b"\xff\xd9", b""):
        (tmp_path / "a.jpg").write_bytes(data[: int(len(data) * fraction)] + end)
        with pytest.raises(ImageReadError, match=r"a\.jpg: expected a whole JPEG image, got one cut short or damaged"):
            decoded(tmp_path / "a.jpg", scale)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.bmp", "a.gif", "a.jp2", "a.avif", "a.ppm"])
@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.8, 0.95])
def test_other_formats_cut_short_are_an_error(tmp_path, name, fraction):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)).save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * fraction)])
    with pytest.raises(ImageReadError, match=r"a\.\w+: expected a"):
        read_image(tmp_path / name)


@pytest.mark.parametrize(
    ("colour", "paper"),
    [(light, 0) for light in [(255, 255, 255), (255, 255, 0), (240, 250, 230)]]
    + [(dark, 255) for dark in [(0, 0, 0), (200, 0, 0), (128, 128, 128), (0, 0, 255)]],
)
def test_text_on_nothing_is_laid_over_what_it_stands_out_from(tmp_path, colour, paper):
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[10:20, 10:50] = (*colour, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    read = read_image(tmp_path / "a.png")
    assert (read[15, 30].tolist(), read[0, 0].tolist()) == (list(colour), [paper] * 3)


def test_a_page_with_transparent_corners_keeps_white_ones(tmp_path):
    pixels = np.full((60, 80, 4), 255, np.uint8)
    pixels[:6, :6, 3] = 0
    pixels[20:24, 10:70, :3] = 30  # a line of text
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[0, 0].tolist() == [255, 255, 255]


def test_light_grey_on_a_key_colour_is_laid_over_black(tmp_path):
    pixels = np.zeros((40, 60), np.uint8)
    pixels[10:20, 10:50] = 250
    Image.fromarray(pixels).save(tmp_path / "a.png", transparency=0)
    assert read_image(tmp_path / "a.png")[..., 0].tolist() == pixels.tolist()


# ---- decoding at reduced resolution ----


def soft(height, width, seed=0):
    """A smooth coloured image, which halving by any fair method leaves alike."""
    grid = np.random.default_rng(seed).integers(30, 226, (height // 40 + 2, width // 40 + 2, 3), dtype=np.uint8)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)


def decoded(path, scale):
    with open_image(path) as image:
        return image.decode(scale=scale)


@pytest.mark.parametrize("reduction", [2, 4, 8])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_decoded_at_reduced_resolution_is_the_whole_one_averaged(tmp_path, reduction, progressive, mode):
    path = tmp_path / "a.jpg"
    Image.fromarray(soft(320, 480)).convert(mode).save(path, quality=95, progressive=progressive)
    pixels, to_original = decoded(path, 1 / reduction)
    averaged = cv2.resize(read_image(path), (480 // reduction, 320 // reduction), interpolation=cv2.INTER_AREA)
    assert pixels.shape == averaged.shape
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    np.testing.assert_allclose(pixels.astype(int), averaged.astype(int), atol=4)
    np.testing.assert_array_equal(to_original, np.diag([reduction, reduction, 1]))


@pytest.mark.parametrize(
    ("scale", "reduction"),
    [
        *((scale, 1) for scale in (3.0, 1.0, 0.51)),
        *((scale, 2) for scale in (0.5 + 1e-12, 0.5, 0.26)),
        *((scale, 4) for scale in (0.25, 0.2, 0.13)),
        *((scale, 8) for scale in (0.125, 0.001)),
    ],
)
def test_the_image_keeps_at_least_the_resolution_that_is_asked_for(tmp_path, scale, reduction):
    (tmp_path / "a.jpg").write_bytes(jpeg_bytes(soft(160, 240)))
    pixels, to_original = decoded(tmp_path / "a.jpg", scale)
    assert pixels.shape == (160 // reduction, 240 // reduction, 3)
    assert to_original[0, 0] == reduction


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [(200, 320), (203, 325)])  # multiples of the reductions, and of none
def test_a_mark_stays_where_it_is_at_any_resolution_and_orientation(tmp_path, orientation, reduction, size):
    """As displayed, its left upper corner is (48, 24) from the left upper corner, whatever is stored how."""
    height, width = size
    upright = np.full((height, width), 255, np.uint8)
    upright[24:56, 48:80] = 0  # its centre is (64, 40)
    turn_back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    Image.fromarray(upright).save(tmp_path / "upright.png", exif=exif(turn_back))
    Image.fromarray(read_image(tmp_path / "upright.png")).save(tmp_path / "a.jpg", quality=95, exif=exif(orientation))
    with open_image(tmp_path / "a.jpg") as image:
        assert (image.width, image.height) == (width, height)
        pixels, to_original = image.decode(scale=1 / reduction)
    assert pixels.shape[:2] == tuple(-(-side // reduction) for side in size)
    darkness = 255.0 - pixels[..., 0]
    darkness[darkness < 20] = 0
    rows, columns = np.indices(darkness.shape) + 0.5
    centre = [(columns * darkness).sum() / darkness.sum(), (rows * darkness).sum() / darkness.sum()]
    np.testing.assert_allclose(transform_polygon(np.array([centre]), to_original), [[64, 40]], atol=0.05 * reduction)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.bmp", "a.gif", "a.jp2", "a.avif", "a.ppm"])
def test_other_formats_come_whole_and_as_pillow_reads_them_whatever_is_asked_for(tmp_path, name):
    Image.fromarray(soft(90, 120)).save(tmp_path / name)
    pixels, to_original = decoded(tmp_path / name, 0.1)
    np.testing.assert_array_equal(pixels, np.array(Image.open(tmp_path / name).convert("RGB")))
    np.testing.assert_array_equal(to_original, np.eye(3))
    assert read_image_size(tmp_path / name) == (120, 90)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (3, 100), (7, 9), (100, 2)])
def test_the_smallest_images_keep_a_pixel(tmp_path, mode, size):
    Image.new(mode, size).save(tmp_path / "a.jpg")
    pixels, to_original = decoded(tmp_path / "a.jpg", 0.01)
    reduction = to_original[0, 0]
    assert 1 <= reduction <= min(size)
    assert pixels.shape[:2] == tuple(-(-side // reduction) for side in reversed(size))


def test_the_size_is_known_before_a_pixel_is_decoded(tmp_path):
    data = jpeg_bytes(noise(300, 400), exif=exif(6))
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2])
    with open_image(tmp_path / "a.jpg") as image:
        assert (image.width, image.height) == (300, 400)


def test_a_heic_photo_is_read_as_displayed(tmp_path):
    """With the extra `heif`; the left half is red, and after a quarter turn to the right the upper one."""
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:, :48, 0] = 255
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "plain.heic", quality=95)
    Image.fromarray(pixels).save(tmp_path / "turned.heic", quality=95, exif=turned.tobytes())
    plain = read_image(tmp_path / "plain.heic")
    assert plain.shape == (64, 96, 3)
    assert np.abs(plain.astype(int) - pixels).mean() < 4
    assert read_image_size(tmp_path / "turned.heic") == (64, 96)
    upright = read_image(tmp_path / "turned.heic")
    assert upright.shape == (96, 64, 3)
    assert np.abs(upright.astype(int) - np.rot90(pixels, -1)).mean() < 4
    (tmp_path / "cut.heic").write_bytes((tmp_path / "plain.heic").read_bytes()[:-200])
    with pytest.raises(ImageReadError, match=r"cut\.heic: expected"):
        read_image(tmp_path / "cut.heic")
