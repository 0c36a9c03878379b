"""Folders of probability maps."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.geometry import scaling
from ocr.probability_maps import CacheError, ImageMap, MapCache, MapCacheWriter
from ocr.probability_maps.cache import check_one_shrink_ratio
from tests.probability_maps.scene_views import noise
from tests.small_data import change_json

SOURCE = {"checkpoint": "best.ckpt", "sizes": [640, 480], "tta": {"flip": True}, "commit": None}


def image_map(filename="a.jpg", *, seed=0, levels=None, width=100, height=60):
    levels = noise(seed, 40, 24) if levels is None else levels
    matrix = scaling(width / levels.shape[1], height / levels.shape[0])
    return ImageMap(ImageRecord(filename, width, height, matrix), levels)


def write(folder, *filenames, **settings):
    with MapCacheWriter(folder, source=SOURCE, **settings) as writer:
        for seed, filename in enumerate(filenames):
            writer.add(image_map(filename, seed=seed), f"hash of {filename}")
    return folder


def annotation(filename, width=100, height=60):
    box = np.array([[1, 1], [9, 1], [9, 5], [1, 5]], np.float32)
    return ImageAnnotation(filename, width, height, (Word(box, ignore=True),))


def change_index(folder, change):
    change_json(folder / "index.json", change)


def test_16_bits_come_back_to_the_bit(tmp_path):
    written = image_map("sub/ä b.jpg", levels=np.arange(65536, dtype=np.uint16).reshape(256, 256), width=333, height=7)
    with MapCacheWriter(tmp_path, source=SOURCE) as writer:
        writer.add(written, "0" * 64)
    cache = MapCache(tmp_path)
    read = cache.read("sub/ä b.jpg")
    assert read.probability.dtype == np.uint16
    np.testing.assert_array_equal(read.probability, written.probability)
    np.testing.assert_array_equal(read.record.input_to_original, written.record.input_to_original)
    assert (read.record.filename, read.record.width_original, read.record.height_original) == ("sub/ä b.jpg", 333, 7)
    assert read.record.polygons == ()
    assert (cache.bits, cache.source, dict(cache.image_sha256)) == (16, SOURCE, {"sub/ä b.jpg": "0" * 64})


EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize(
    ("bits", "levels", "kept"),
    [
        (8, EVERY, EVERY),
        (8, np.array([[0, 128, 129, 65535]], np.uint16), [[0, 0, 1, 255]]),  # 128.5 would be half a step
        (16, np.array([[0, 0.25, 1]], np.float32), [[0, 16384, 65535]]),
        (16, np.array([[0, 2, 255]], np.uint8), [[0, 514, 65535]]),
        (16, noise(0, 64, 64)[:24, :40], noise(0, 64, 64)[:24, :40]),  # a part of a larger array
    ],
)
def test_levels_come_back_as_the_nearest_of_8_or_16_bits_also_in_any_viewer(tmp_path, bits, levels, kept):
    with MapCacheWriter(tmp_path, bits=bits, source={}) as writer:
        writer.add(image_map("deep/er/a.jpg", levels=levels), "")
    read = MapCache(tmp_path).read("deep/er/a.jpg").probability
    assert read.dtype == {8: np.uint8, 16: np.uint16}[bits]
    np.testing.assert_array_equal(read, kept)
    shown = cv2.imread(str(tmp_path / "maps/deep/er/a.jpg.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(shown, kept)


def test_the_order_is_that_of_writing_or_the_one_asked_for(tmp_path):
    write(tmp_path / "plain", "b.jpg", "a.jpg")
    assert MapCache(tmp_path / "plain").filenames == ("b.jpg", "a.jpg")
    writer = MapCacheWriter(tmp_path / "asked", source={})
    for name in ("c.jpg", "a.jpg", "b.jpg"):
        writer.add(image_map(name), "")
    writer.close(order=["a.jpg", "unreadable.jpg", "b.jpg", "c.jpg"])
    assert MapCache(tmp_path / "asked").filenames == ("a.jpg", "b.jpg", "c.jpg")
    assert len(MapCache(tmp_path / "asked")) == 3


def test_what_cannot_be_written_is_refused(tmp_path):
    padded = ImageMap(ImageRecord("b.jpg", 64, 32, np.eye(3)), noise(0, 64, 64))
    with pytest.raises(ValueError, match="8 or 16 bits per pixel, got 12"):
        MapCacheWriter(tmp_path, bits=12, source={})
    writer = MapCacheWriter(tmp_path / "cache", source={})
    writer.add(image_map("a.jpg"), "")
    for one, message in (
        (image_map("a.jpg"), r"a\.jpg: expected each image once"),
        (padded, r"b\.jpg: .* crop_to_image"),
        *((image_map(name), "expected the name of an image below its folder") for name in NAMES),
    ):
        with pytest.raises(ValueError, match=message):
            writer.add(one, "")
    assert [path.name for path in tmp_path.rglob("*.png")] == ["a.jpg.png"]
    for order in ([], ["a.jpg", "a.jpg"]):
        with pytest.raises(ValueError, match="name each of 1 images once"):
            writer.close(order=order)
    assert not (tmp_path / "cache/index.json").exists()
    writer.close()
    for late in (lambda: writer.add(image_map("b.jpg"), ""), writer.close):
        with pytest.raises(ValueError, match="got one that is closed"):
            late()


def test_many_threads_write_and_read(tmp_path):
    names = [f"{index}.jpg" for index in range(24)]
    with MapCacheWriter(tmp_path, source={}) as writer, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: writer.add(image_map(name, seed=int(name[:-4])), ""), names))
        writer.close(order=names)
    cache = MapCache(tmp_path)
    assert cache.filenames == tuple(names)
    with ThreadPoolExecutor(8) as pool:
        for seed, read in enumerate(pool.map(cache.read, names)):
            np.testing.assert_array_equal(read.probability, noise(seed, 40, 24))


def test_an_exception_leaves_no_cache_and_the_folder_may_be_written_again(tmp_path):
    def interrupted():
        with MapCacheWriter(tmp_path, source={}) as writer:
            writer.add(image_map("a.jpg"), "")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(CacheError, match=r"expected a cache of probability maps, got no index\.json.*save_maps="):
        MapCache(tmp_path)
    assert MapCache(write(tmp_path, "b.jpg")).filenames == ("b.jpg",)


def test_a_cache_is_only_replaced_when_told_to_and_its_own_maps_go(tmp_path):
    write(tmp_path, "old.jpg", "both.jpg")
    (tmp_path / "maps" / "mine.txt").write_text("not a map")
    with pytest.raises(FileExistsError, match=r"holds a cache.*overwrite=true"):
        MapCacheWriter(tmp_path, source={})
    assert MapCache(tmp_path).filenames == ("old.jpg", "both.jpg")
    writer = MapCacheWriter(tmp_path, source={}, overwrite=True)
    assert not (tmp_path / "index.json").exists()
    writer.add(image_map("both.jpg", seed=9), "")
    writer.close()
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["both.jpg.png", "mine.txt"]
    np.testing.assert_array_equal(MapCache(tmp_path).read("both.jpg").probability, noise(9, 40, 24))


NAMES = ["../a.jpg", "/etc/a.jpg", "b/../../a.jpg", "b//a.jpg", "./a.jpg", "b\\a.jpg", "C:a.jpg", "a\0.jpg"]
NAMES += ["", ".", ".."]


@pytest.mark.parametrize("filename", NAMES)
def test_a_name_that_leads_out_of_the_folder_is_refused_in_reading(tmp_path, filename):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, lambda document: document["images"].update({filename: document["images"].pop("a.jpg")}))
    with pytest.raises(CacheError, match=r"index\.json: damaged"):
        MapCache(tmp_path)


def test_a_single_changed_byte_of_a_map_and_a_missing_one_are_noticed(tmp_path):
    write(tmp_path, *(f"{index}.jpg" for index in range(7)))
    path = tmp_path / "maps" / "0.jpg.png"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (tmp_path / "maps" / "1.jpg.png").unlink()
    for name, message in (
        ("0.jpg", r"0\.jpg\.png: damaged, its sha256 is not .*predict the maps again"),
        ("1.jpg", r"1\.jpg\.png: expected the map of '1.jpg'"),
        ("x.jpg", r"expected a map of 'x.jpg', got '0.jpg', .*'4.jpg' and 2 more only"),
    ):
        with pytest.raises(CacheError, match=message):
            MapCache(tmp_path).read(name)
    np.testing.assert_array_equal(MapCache(tmp_path).read("2.jpg").probability, noise(2, 40, 24))


def with_header(data, width, height):
    return data[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + data[24:]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"no image", "a probability map"),
        (lambda data: b"", "a probability map"),
        (lambda data: b"\x89PNG\r\n\x1a\n", "a probability map"),
        # Unread: OpenCV takes gigabytes by the header alone.
        (lambda data: with_header(data, 2**31 - 1, 1), rf"a map of at most \d+ pixels, got {2**31 - 1} x 1"),
        (lambda data: with_header(data, 100_000, 100_000), r"a map of at most \d+ pixels, got 100000 x 100000"),
        (lambda data: with_header(data, 0, 5), r"a map of at most \d+ pixels, got 0 x 5"),
        # A chunk longer than its file.
        (lambda data: data[:33] + b"\xf0\0\0\0teXt" + data[33:], "a probability map as PNG, got another file"),
    ],
)
def test_a_file_that_is_no_map_is_refused_even_with_its_hash(tmp_path, change, message):
    write(tmp_path, "a.jpg")
    path = tmp_path / "maps" / "a.jpg.png"
    path.write_bytes(change(path.read_bytes()))
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(map_sha256=file_sha256(path)))
    with pytest.raises(CacheError, match=rf"a\.jpg\.png: expected {message}"):
        MapCache(tmp_path).read("a.jpg")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.update(version=2), "expected version 1, got 2: predict the maps again"),
        (lambda document: document.update(format="else"), "got another file"),
        (lambda document: document.update(bits=4), "8 or 16 bits"),
        (lambda document: document.pop("images"), "damaged: KeyError"),
        (lambda document: document.update(images=[]), "damaged: AttributeError"),
    ],
)
def test_an_index_that_does_not_hold_is_refused(tmp_path, change, message):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, change)
    with pytest.raises(CacheError, match=message):
        MapCache(tmp_path)
    path = tmp_path / "index.json"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(CacheError, match=r"index\.json: damaged: expected JSON"):
        MapCache(tmp_path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"width": None}, "damaged"),
        ({"width": 0}, "a size in whole px"),
        ({"width": 10**12}, "a size in whole px"),
        ({"height": 2**70}, "a size in whole px"),
        ({"input_to_original": [[1, 2, 3]]}, "damaged: ValueError"),
        ({"input_to_original": [[1e400, 0, 0]] * 3}, "finite matrix"),
        ({"map_sha256": 5}, "fingerprints of its files"),
        ({"more": 1}, "damaged: TypeError"),
        ({"map": "../../secret.png"}, r"the map of 'a.jpg' at 'maps/a.jpg.png', got '../../secret.png'"),
        ({"width": 50}, r"a\.jpg: expected the matrix of a map that covers its image"),
    ],
)
def test_an_image_of_the_index_that_does_not_hold_is_refused(tmp_path, fields, message):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(fields))
    with pytest.raises(CacheError, match=message):
        MapCache(tmp_path).read("a.jpg")


@pytest.mark.parametrize("source", [{"path": object()}, {"score": float("nan")}])
def test_a_source_that_is_no_plain_json_is_refused_before_any_work(tmp_path, source):
    with pytest.raises(ValueError, match="source of the maps to be plain JSON"):
        MapCacheWriter(tmp_path / "new", source=source)
    assert not (tmp_path / "new").exists()


def test_equal_caches_have_equal_fingerprints_and_others_another(tmp_path):
    folders = [write(tmp_path / name, file) for name, file in (("1", "a.jpg"), ("2", "a.jpg"), ("3", "b.jpg"))]
    first, same, other = (MapCache(folder).fingerprint for folder in folders)
    assert first == same != other


def test_labels_are_attached_in_the_order_of_the_cache_where_they_fit(tmp_path):
    cache = MapCache(write(tmp_path, "b.jpg", "a.jpg"))
    labelled = list(cache.labelled({"a.jpg": annotation("a.jpg", None, None), "b.jpg": annotation("b.jpg")}))
    assert [one.record.filename for one in labelled] == ["b.jpg", "a.jpg"]
    assert labelled[0].record.ignore == (True,)
    np.testing.assert_array_equal(labelled[0].record.polygons[0][1], (9, 1))
    np.testing.assert_array_equal(labelled[0].probability, noise(0, 40, 24))
    with pytest.raises(CacheError, match=r"1 without a map \('c.jpg'\) and 1 without an annotation \('b.jpg'\)"):
        cache.labelled({name: annotation(name) for name in ("a.jpg", "c.jpg")})
    with pytest.raises(CacheError, match=r"'b\.jpg' of 60 x 100 px as annotated, got the map of one of 100 x 60"):
        cache.labelled({"a.jpg": annotation("a.jpg"), "b.jpg": annotation("b.jpg", 60, 100)})


def sourced(folder, source):
    with MapCacheWriter(folder, source=source) as writer:
        writer.add(image_map("a.jpg"), "0" * 64)
    return MapCache(folder)


def test_maps_of_regions_shrunk_by_different_ratios_do_not_go_together(tmp_path):
    narrow, wide = (sourced(tmp_path / str(ratio), {"shrink_ratio": ratio}) for ratio in (0.4, 0.6))
    fused = sourced(tmp_path / "fused", {"members": [{"shrink_ratio": 0.4}, {"out_of_fold": True, "members": []}]})
    older = sourced(tmp_path / "older", SOURCE)
    check_one_shrink_ratio([older, narrow, fused])
    check_one_shrink_ratio([older, wide], 0.6)
    with pytest.raises(
        ValueError, match=r"0\.6: expected .* models\.head\.shrink_ratio=0\.4, as .*fused, got 0\.6: .* vote"
    ):
        check_one_shrink_ratio([older, fused, wide])
    with pytest.raises(ValueError, match=r"with this training's models\.head\.shrink_ratio=0\.4, got 0\.6"):
        check_one_shrink_ratio([wide], 0.4)
