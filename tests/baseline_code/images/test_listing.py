"""Which files of a folder are images, and what is said of the others."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from baseline_code.images import formats as image_formats
from baseline_code.images.formats import image_format
from baseline_code.images.listing import find_images, list_images

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def image_bytes(kind):
    stream = io.BytesIO()
    Image.fromarray(np.zeros((9, 12, 3), np.uint8)).save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def no_heif(monkeypatch):
    monkeypatch.setattr(image_formats, "can_read_heif", lambda: False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF", "PPM"])
def test_each_format_that_can_be_read_is_known_by_its_first_bytes(kind):
    assert image_format(image_bytes(kind)[:32]) == kind


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (HEIC, "HEIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF"),
        (b"%PDF-1.4\n", "PDF"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42", None),  # a video
        (b"BMW and other words of a text file", None),
        (b"P1 is a text, too", None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"", None),
    ],
)
def test_other_first_bytes_are_told_apart(start, kind):
    assert image_format(start) == kind


def test_images_are_taken_by_ending_or_content_and_all_others_are_counted_and_named(tmp_path, no_heif):
    for name in ("b.JPG", "a.jfif", "g.jpe", "noext", "odd.dat"):
        (tmp_path / name).write_bytes(image_bytes("JPEG"))
    (tmp_path / "c.gif").write_bytes(image_bytes("GIF"))
    (tmp_path / "d.jp2").write_bytes(image_bytes("JPEG2000"))
    (tmp_path / "broken.png").write_bytes(b"")  # the reader names what is wrong with it
    (tmp_path / "IMG_1.HEIC").write_bytes(HEIC)
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.4\n")
    for name in ("notes.txt", "labels.json"):
        (tmp_path / name).write_text("{}")
    listing = list_images(tmp_path)
    assert listing.names == ["a.jfif", "b.JPG", "broken.png", "c.gif", "d.jp2", "g.jpe", "noext", "odd.dat"]
    told = listing.describe_left_out()
    assert told.startswith("4 files left out: ")
    assert "1 (HEIC needs a decoder: pip install pillow-heif): IMG_1.HEIC" in told
    assert "1 (a PDF is no image: save its pages as images): scan.pdf" in told
    assert "2 (no image): labels.json, notes.txt" in told


def test_hidden_files_and_folders_are_no_news(tmp_path):
    (tmp_path / "a.jpg").write_bytes(image_bytes("JPEG"))
    for name in ("._a.jpg", ".DS_Store", "__MACOSX/b.jpg", ".thumbnails/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(image_bytes("JPEG"))
    for recursive in (False, True):
        listing = list_images(tmp_path, recursive=recursive)
        assert listing.names == ["a.jpg"]
        assert listing.describe_left_out() is None
    assert find_images(tmp_path) == [tmp_path / "a.jpg"]
    assert find_images(tmp_path / ".thumbnails") == [tmp_path / ".thumbnails/c.jpg"]  # the folder that is named counts


def test_sub_folders_are_named_or_looked_into(tmp_path):
    for name in ("top.jpg", "a/x.jpg", "a/deep/y.jpg", "b/z.jpg", "b/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(image_bytes("JPEG") if name.endswith("jpg") else b"-")
    (tmp_path / "a/round").symlink_to(tmp_path)
    listing = list_images(tmp_path)
    assert listing.names == ["top.jpg"]
    assert listing.describe_left_out() == "2 sub-folders not looked into (recursive=true does): a, b"
    listing = list_images(tmp_path, recursive=True)
    assert listing.names == ["a/deep/y.jpg", "a/x.jpg", "b/z.jpg", "top.jpg"]  # none twice by the link
    assert listing.describe_left_out() == "1 files left out: 1 (no image): b/notes.txt"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert list_images(tmp_path).describe_left_out() == "1 files left out: 1 (no readable file): pipe"
