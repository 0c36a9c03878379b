"""What an image loses when it is read is said, once for each file."""

import io
import struct
from collections import defaultdict

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from baseline_code.images.listing import images_to_predict
from baseline_code.images.reading import decode_image, read_image, read_image_size
from baseline_code.images.reading_warnings import ONE_BY_ONE

LEVELS = (10, 120, 230)
SMALLER_COPY, MASK = 1, 4  # of the tag NewSubfileType
ONLY_FIRST = "only the first is read: save each as an image file of its own"


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr("baseline_code.images.reading_warnings._warned", defaultdict(set))
    monkeypatch.setattr("baseline_code.images.reading_warnings._counted", set())


def page(level):
    return Image.fromarray(np.full((20, 30), level, np.uint8))


def write_pages(path, levels=LEVELS, **options):
    page(levels[0]).save(path, save_all=True, append_images=[page(level) for level in levels[1:]], **options)
    return path


def write_kinds(path, kinds):
    """A TIFF whose further images are smaller copies, masks or pages, by NewSubfileType."""
    stream = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(stream, new=True) as writer:
        for level, kind in zip(LEVELS, kinds, strict=True):
            page(level).save(writer, "TIFF", tiffinfo={254: kind})
            writer.newFrame()
    path.write_bytes(stream.getvalue())
    return path


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"big_tiff": True}])
def test_a_document_of_several_pages_is_named_once_and_its_first_page_is_read(tmp_path, caplog, options):
    path = write_pages(tmp_path / "scan.tif", **options)
    for _ in range(2):
        assert (read_image(path) == 10).all()
    assert caplog.messages == [f"{path}: holds 3 pages or frames; {ONLY_FIRST}"]


def test_frames_of_a_gif_are_counted_the_first_is_read_and_the_size_alone_says_nothing(tmp_path, caplog):
    path = write_pages(tmp_path / "frames.gif")
    assert read_image_size(path) == (30, 20)
    assert not caplog.messages
    assert (read_image(path) == 10).all()
    assert caplog.messages == [f"{path}: holds 3 pages or frames; {ONLY_FIRST}"]


def test_bytes_are_named_each_time_for_their_names_say_nothing(tmp_path, caplog):
    data = write_pages(tmp_path / "scan.tif").read_bytes()
    for _ in range(2):
        decode_image(data, "image 3")
    assert caplog.messages == [f"image 3: holds 3 pages or frames; {ONLY_FIRST}"] * 2


@pytest.mark.parametrize(("kinds", "pages"), [((0, SMALLER_COPY, MASK), 1), ((0, SMALLER_COPY, 0), 2), ((2, 2, 2), 3)])
def test_smaller_copies_and_masks_are_no_pages(tmp_path, caplog, kinds, pages):
    path = write_kinds(tmp_path / "pyramid.tif", kinds)
    assert Image.open(path).n_frames == 3
    read_image(path)
    assert caplog.messages == ([f"{path}: holds {pages} pages or frames; {ONLY_FIRST}"] if pages > 1 else [])


@pytest.mark.parametrize("suffix", ["tif", "gif", "png", "webp"])
def test_one_page_and_animations_of_other_formats_are_no_news(tmp_path, caplog, suffix):
    levels = LEVELS[:1] if suffix in ("tif", "gif") else LEVELS
    write_pages(tmp_path / f"a.{suffix}", levels, **({"lossless": True} if suffix == "webp" else {}))
    read_image(tmp_path / f"a.{suffix}")
    assert not caplog.messages


def test_a_folder_has_one_line_that_counts_its_documents(tmp_path, caplog):
    for number in range(6):
        write_pages(tmp_path / f"{number}.tif", LEVELS[: 2 + number % 2])
    page(10).save(tmp_path / "single.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\x00 and no more")
    names = images_to_predict(tmp_path)
    listed = "0.tif (2), 1.tif (3), 2.tif (2), 3.tif (3), 4.tif (2) and 1 more"
    assert caplog.messages == [f"{tmp_path}: 6 files hold several pages or frames, of which {ONLY_FIRST}: {listed}"]
    for name in names:
        if name != "broken.tif":
            read_image(tmp_path / name)
    assert len(caplog.messages) == 1


def test_many_files_do_not_fill_the_log(tmp_path, caplog):
    for number in range(ONE_BY_ONE + 2):
        read_image(write_pages(tmp_path / f"{number}.tif"))
    assert len(caplog.messages) == ONE_BY_ONE
    assert caplog.messages[-1].endswith("of its own; further files like it are not named")


@pytest.mark.parametrize(
    ("most", "limit", "bits", "factor"), [(200, 255, 8, 256), (1000, 1023, 10, 64), (4095, 4095, 12, 16)]
)
@pytest.mark.parametrize("name", ["grey.png", "grey.tif", "colour.png", "colour.tif"])
def test_samples_that_use_few_of_their_16_bits_are_named_with_the_factor(
    tmp_path, caplog, name, most, limit, bits, factor
):
    samples = np.linspace(0, most, 40).astype(np.uint16).reshape(5, 8)
    samples = np.stack([samples] * 3, axis=2) if name.startswith("colour") else samples
    cv2.imwrite(str(tmp_path / name), samples)
    for _ in range(2):
        np.testing.assert_array_equal(read_image(tmp_path / name)[:, :, 0], samples.reshape(5, 8, -1)[:, :, 0] >> 8)
    assert caplog.messages == [
        f"{tmp_path / name}: expected samples of 16 bits, up to 65535, got none above {limit}, which is read as nearly "
        f"black; if they have {bits} bits, multiply them by {factor}"
    ]


@pytest.mark.parametrize("name", ["grey.png", "grey.tif", "colour.png", "colour.tif"])
def test_samples_that_use_more_of_their_16_bits_and_dark_ones_of_8_bits_are_no_news(tmp_path, caplog, name):
    axes = (5, 8, 3) if name.startswith("colour") else (5, 8)
    for samples in (np.full(axes, 4096, np.uint16), np.full(axes, 3, np.uint8)):
        cv2.imwrite(str(tmp_path / name), samples)
        read_image(tmp_path / name)
    assert not caplog.messages


def test_16_bits_for_a_whole_pixel_are_no_samples_of_16_bits(tmp_path, caplog):
    """A BMP of 5, 6 and 5 bits: file header, header with the masks, then two rows of two black pixels."""
    header = struct.pack("<IiiHHIIiiII3I", 40, 2, 2, 1, 16, 3, 8, 0, 0, 0, 0, 0xF800, 0x07E0, 0x001F)
    body = header + bytes(8)
    (tmp_path / "a.bmp").write_bytes(b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 14 + len(header)) + body)
    assert (read_image(tmp_path / "a.bmp") == 0).all()
    assert not caplog.messages
