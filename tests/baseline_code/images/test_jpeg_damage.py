"""Damaged JPEGs that decoders read as if whole, and whole ones that look odd."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from baseline_code.images.jpeg_damage import END, JpegError, check_lower_corner, complete_jpeg

KINDS = (
    {},
    {"progressive": True},
    {"optimize": True},
    {"quality": 95, "subsampling": 0},
    {"restart_marker_blocks": 8},
    {"restart_marker_rows": 1},
    {"progressive": True, "restart_marker_rows": 1},
)


def page():
    """(300, 400, 3): lines of text on paper."""
    pixels = np.full((300, 400, 3), 250, np.uint8)
    for top in range(20, 290, 24):
        cv2.putText(pixels, "TOTAL 12.34 for words", (10, top), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    return pixels


def encode(pixels, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", **options)
    return stream.getvalue()


def check(data):
    whole = complete_jpeg(data)
    pixels = cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_COLOR)
    check_lower_corner(whole, pixels)
    return whole


def cut(data, fraction):
    """Where a fraction of the image's data ends; the headers take no part."""
    start = data.index(b"\xff\xda") + 14
    return start + int((len(data) - start) * fraction)


@pytest.mark.parametrize("options", KINDS)
def test_whole_files_pass_as_they_are_also_with_a_grey_lower_end(options):
    grey = page()
    grey[150:] = 128
    for pixels in (page(), grey):
        data = encode(pixels, **options)
        assert check(data) == data


@pytest.mark.parametrize("value", [0, 127, 128, 129, 255])
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"progressive": True}])
@pytest.mark.parametrize("size", [(300, 400), (1500, 1000), (7, 5)])
def test_blank_images_pass_also_in_the_grey_that_decoders_fill_in(value, options, size):
    check(encode(np.full((*size, 3), value, np.uint8), **options))
    check(encode(np.full(size, value, np.uint8), **options))


@pytest.mark.parametrize("size", [(301, 403), (16, 16), (17, 1), (1, 33)])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("restarts", [{"restart_marker_blocks": 1}, {"restart_marker_rows": 1}])
def test_restart_markers_are_counted_for_any_size_and_sampling(size, subsampling, restarts):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for progressive in (False, True):
        check(encode(pixels, subsampling=subsampling, progressive=progressive, **restarts))
    check(encode(pixels[..., 0], **restarts))


@pytest.mark.parametrize("options", KINDS)
def test_a_file_that_lacks_only_the_end_marker_gets_one(options):
    data = encode(page(), **options)
    assert complete_jpeg(data[:-2]) == complete_jpeg(data[:-1]) == data


@pytest.mark.parametrize("junk", [b"\x00" * 1000, b"trailer", encode(page())])
def test_what_comes_behind_the_end_marker_is_cut_off(junk):
    data = encode(page())
    assert check(data + junk) == data


DAMAGES = {
    "cut": lambda data, place: data[:place],
    "cut, with an end marker": lambda data, place: data[:place] + END,
    "second part never written": lambda data, place: data[:place] + bytes(len(data) - place - 2) + END,
    "middle lost": lambda data, place: data[:place] + data[place + (len(data) - place) // 2 :],
}


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_seen_wherever_it_begins(options, damage):
    data = encode(page(), **options)
    for fraction in (0.01, 0.34) if damage == "middle lost" else (0.01, 0.34, 0.66):
        with pytest.raises(JpegError):
            check(DAMAGES[damage](data, cut(data, fraction)))


def test_a_missing_colour_component_is_named():
    # Pillow writes the three components of a progressive file in scans of their own: take the last ones away.
    data = encode(page(), progressive=True)
    scans = [place for place in range(len(data)) if data.startswith(b"\xff\xda", place)]
    with pytest.raises(JpegError, match="its last scans are missing"):
        complete_jpeg(data[: scans[2]] + END)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8" + b"\xff" * 50, bytes(100)])
def test_what_has_no_image_is_an_error(data):
    with pytest.raises(JpegError, match="no image data"):
        complete_jpeg(data)
