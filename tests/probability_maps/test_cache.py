"""Folders of probability maps."""

import json
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.geometry import scaling
from ocr.probability_maps import CacheError, ImageMap, MapCache, MapCacheWriter, file_sha256
from tests.probability_maps.scene_views import noise

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
    path = folder / "index.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


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


def test_8_bits_come_back_to_the_bit_and_16_to_the_nearest_of_them(tmp_path):
    with MapCacheWriter(tmp_path, bits=8, source={}) as writer:
        writer.add(image_map("a.jpg", levels=np.arange(256, dtype=np.uint8).reshape(16, 16)), "")
        writer.add(image_map("b.jpg", levels=np.array([[0, 128, 129, 65535]], np.uint16)), "")
    cache = MapCache(tmp_path)
    np.testing.assert_array_equal(cache.read("a.jpg").probability.ravel(), np.arange(256))
    assert cache.read("b.jpg").probability.dtype == np.uint8
    assert cache.read("b.jpg").probability.tolist() == [[0, 0, 1, 255]]  # 128.5 would be half a step


def test_floats_and_8_bits_are_kept_in_16(tmp_path):
    with MapCacheWriter(tmp_path, source={}) as writer:
        writer.add(image_map("a.jpg", levels=np.array([[0, 0.25, 1]], np.float32)), "")
        writer.add(image_map("b.jpg", levels=np.array([[0, 2, 255]], np.uint8)), "")
    assert MapCache(tmp_path).read("a.jpg").probability.tolist() == [[0, 16384, 65535]]
    assert MapCache(tmp_path).read("b.jpg").probability.tolist() == [[0, 514, 65535]]


def test_a_part_of_a_larger_array_is_written_as_it_is(tmp_path):
    levels = noise(0, 64, 64)
    with MapCacheWriter(tmp_path, source={}) as writer:
        writer.add(image_map(levels=levels[:24, :40]), "")
    np.testing.assert_array_equal(MapCache(tmp_path).read("a.jpg").probability, levels[:24, :40])


def test_maps_are_gray_images_that_any_viewer_shows(tmp_path):
    write(tmp_path, "a.jpg", "deep/er/b.jpg")
    shown = cv2.imread(str(tmp_path / "maps" / "deep" / "er" / "b.jpg.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(shown, noise(1, 40, 24))


def test_the_order_is_that_of_writing_or_the_one_asked_for(tmp_path):
    write(tmp_path / "plain", "b.jpg", "a.jpg")
    assert MapCache(tmp_path / "plain").filenames == ("b.jpg", "a.jpg")
    writer = MapCacheWriter(tmp_path / "asked", source={})
    for name in ("c.jpg", "a.jpg", "b.jpg"):
        writer.add(image_map(name), "")
    writer.close(order=["a.jpg", "unreadable.jpg", "b.jpg", "c.jpg"])
    assert MapCache(tmp_path / "asked").filenames == ("a.jpg", "b.jpg", "c.jpg")
    assert len(MapCache(tmp_path / "asked")) == 3


@pytest.mark.parametrize("order", [["a.jpg"], ["a.jpg", "b.jpg", "a.jpg"]])
def test_an_order_that_lacks_or_repeats_an_image_is_refused(tmp_path, order):
    writer = MapCacheWriter(tmp_path, source={})
    writer.add(image_map("a.jpg"), "")
    writer.add(image_map("b.jpg"), "")
    with pytest.raises(ValueError, match="name each of 2 images once"):
        writer.close(order=order)
    assert not (tmp_path / "index.json").exists()


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


def test_a_closed_cache_takes_no_more(tmp_path):
    writer = MapCacheWriter(tmp_path, source={})
    writer.close()
    assert MapCache(tmp_path).filenames == ()
    with pytest.raises(ValueError, match="got one that is closed"):
        writer.add(image_map(), "")
    with pytest.raises(ValueError, match="got one that is closed"):
        writer.close()


def test_an_image_that_comes_twice_is_refused(tmp_path):
    writer = MapCacheWriter(tmp_path, source={})
    writer.add(image_map("a.jpg"), "")
    with pytest.raises(ValueError, match=r"a\.jpg: expected each image once"):
        writer.add(image_map("a.jpg"), "")


def test_a_map_with_padding_is_refused(tmp_path):
    padded = ImageMap(ImageRecord("a.jpg", 64, 32, np.eye(3)), noise(0, 64, 64))
    with pytest.raises(ValueError, match=r"a\.jpg: .* crop_to_image"):
        MapCacheWriter(tmp_path, source={}).add(padded, "")


NAMES = [
    "../a.jpg",
    "/etc/a.jpg",
    "b/../../a.jpg",
    "",
    ".",
    "..",
    "b//a.jpg",
    "./a.jpg",
    "b\\a.jpg",
    "C:a.jpg",
    "a\0.jpg",
]


@pytest.mark.parametrize("filename", NAMES)
def test_a_name_that_leads_out_of_the_folder_is_refused_in_writing(tmp_path, filename):
    with pytest.raises(ValueError, match="expected the name of an image below its folder"):
        MapCacheWriter(tmp_path / "cache", source={}).add(image_map(filename), "")
    assert list(tmp_path.rglob("*.png")) == []


@pytest.mark.parametrize("filename", NAMES)
def test_a_name_that_leads_out_of_the_folder_is_refused_in_reading(tmp_path, filename):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, lambda document: document["images"].update({filename: document["images"].pop("a.jpg")}))
    with pytest.raises(CacheError, match=r"index\.json: damaged"):
        MapCache(tmp_path)


def test_a_map_file_elsewhere_is_refused(tmp_path):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(map="../../secret.png"))
    with pytest.raises(CacheError, match=r"expected the map of 'a.jpg' at 'maps/a.jpg.png', got '../../secret.png'"):
        MapCache(tmp_path)


def test_a_single_changed_byte_of_a_map_is_noticed(tmp_path):
    write(tmp_path, "a.jpg", "b.jpg")
    path = tmp_path / "maps" / "a.jpg.png"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CacheError, match=r"a\.jpg\.png: damaged, its sha256 is not .*predict the maps again"):
        MapCache(tmp_path).read("a.jpg")
    np.testing.assert_array_equal(MapCache(tmp_path).read("b.jpg").probability, noise(1, 40, 24))


def test_a_missing_map_is_named(tmp_path):
    write(tmp_path, "a.jpg")
    (tmp_path / "maps" / "a.jpg.png").unlink()
    with pytest.raises(CacheError, match=r"a\.jpg\.png: expected the map of 'a.jpg'"):
        MapCache(tmp_path).read("a.jpg")


def test_an_image_that_is_not_there_is_named_with_some_that_are(tmp_path):
    write(tmp_path, *(f"{index}.jpg" for index in range(7)))
    with pytest.raises(CacheError, match=r"expected a map of 'x.jpg', got '0.jpg', .*'4.jpg' and 2 more only"):
        MapCache(tmp_path).read("x.jpg")


@pytest.mark.parametrize("content", [b"no image", b"", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_map_is_refused_even_with_its_hash(tmp_path, content):
    write(tmp_path, "a.jpg")
    path = tmp_path / "maps" / "a.jpg.png"
    path.write_bytes(content)
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(map_sha256=file_sha256(path)))
    with pytest.raises(CacheError, match=r"a\.jpg\.png: expected a probability map"):
        MapCache(tmp_path).read("a.jpg")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.update(version=2), "expected version 1, got 2: predict the maps again"),
        (lambda document: document.update(format="else"), "got another file"),
        (lambda document: document.update(bits=4), "8 or 16 bits"),
        (lambda document: document.pop("images"), "damaged: KeyError"),
        (lambda document: document.update(images=[]), "damaged: AttributeError"),
        (lambda document: document["images"]["a.jpg"].pop("width"), "damaged"),
        (lambda document: document["images"]["a.jpg"].update(width=0), "a size in whole px"),
        (lambda document: document["images"]["a.jpg"].update(input_to_original=[[1, 2, 3]]), "damaged: ValueError"),
        (lambda document: document["images"]["a.jpg"].update(map_sha256=5), "fingerprints of its files"),
        (lambda document: document["images"]["a.jpg"].update(more=1), "damaged: TypeError"),
    ],
)
def test_an_index_that_does_not_hold_is_refused(tmp_path, change, message):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, change)
    with pytest.raises(CacheError, match=message):
        MapCache(tmp_path)


def test_an_index_cut_off_in_the_middle_is_refused(tmp_path):
    path = write(tmp_path, "a.jpg") / "index.json"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(CacheError, match=r"index\.json: damaged: expected JSON"):
        MapCache(tmp_path)


def test_a_size_that_does_not_fit_the_map_is_refused(tmp_path):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(width=50))
    with pytest.raises(CacheError, match=r"a\.jpg: expected the matrix of a map that covers its image"):
        MapCache(tmp_path).read("a.jpg")


@pytest.mark.parametrize("source", [{"path": object()}, {"score": float("nan")}])
def test_a_source_that_is_no_plain_json_is_refused_before_any_work(tmp_path, source):
    with pytest.raises(ValueError, match="source of the maps to be plain JSON"):
        MapCacheWriter(tmp_path / "new", source=source)
    assert not (tmp_path / "new").exists()


def test_other_bits_are_refused(tmp_path):
    with pytest.raises(ValueError, match="8 or 16 bits per pixel, got 12"):
        MapCacheWriter(tmp_path, bits=12, source={})


def test_equal_caches_have_equal_fingerprints_and_others_another(tmp_path):
    first, same, other = (MapCache(write(tmp_path / name, *files)) for name, files in
                          (("1", ("a.jpg",)), ("2", ("a.jpg",)), ("3", ("b.jpg",))))  # fmt: skip
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_labels_are_attached_in_the_order_of_the_cache(tmp_path):
    cache = MapCache(write(tmp_path, "b.jpg", "a.jpg"))
    labelled = list(cache.labelled({name: annotation(name) for name in ("a.jpg", "b.jpg")}))
    assert [one.record.filename for one in labelled] == ["b.jpg", "a.jpg"]
    assert labelled[0].record.ignore == (True,)
    np.testing.assert_array_equal(labelled[0].record.polygons[0][1], (9, 1))
    np.testing.assert_array_equal(labelled[0].probability, noise(0, 40, 24))


def test_images_without_a_map_or_without_labels_are_refused_at_once(tmp_path):
    cache = MapCache(write(tmp_path, "a.jpg", "b.jpg"))
    with pytest.raises(CacheError, match=r"1 without a map \('c.jpg'\) and 1 without an annotation \('b.jpg'\)"):
        cache.labelled({name: annotation(name) for name in ("a.jpg", "c.jpg")})


def test_annotations_of_another_size_are_refused_and_of_no_size_taken(tmp_path):
    cache = MapCache(write(tmp_path, "a.jpg"))
    with pytest.raises(CacheError, match=r"'a\.jpg' of 60 x 100 px as annotated, got the map of one of 100 x 60"):
        cache.labelled({"a.jpg": annotation("a.jpg", 60, 100)})
    assert len(list(cache.labelled({"a.jpg": annotation("a.jpg", None, None)}))) == 1


def test_the_fingerprint_of_a_file_is_its_sha256(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("change", [{"width": 10**12}, {"height": 2**70}, {"input_to_original": [[1e400, 0, 0]] * 3}])
def test_a_size_or_matrix_that_no_image_has_is_refused(tmp_path, change):
    write(tmp_path, "a.jpg")
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(change))
    with pytest.raises(CacheError, match=r"index\.json: damaged: .*to have a (size in whole px|finite matrix)"):
        MapCache(tmp_path)


@pytest.mark.parametrize(("width", "height"), [(2**31 - 1, 1), (100_000, 100_000), (0, 5)])
def test_a_map_that_asks_for_more_memory_than_any_is_refused_unread(tmp_path, width, height):
    """OpenCV takes gigabytes by the header alone."""
    write(tmp_path, "a.jpg")
    path = tmp_path / "maps" / "a.jpg.png"
    data = bytearray(path.read_bytes())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    path.write_bytes(data)
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(map_sha256=file_sha256(path)))
    with pytest.raises(CacheError, match=rf"a\.jpg\.png: expected a map of at most \d+ pixels, got {width} x {height}"):
        MapCache(tmp_path).read("a.jpg")


def test_a_map_with_a_chunk_longer_than_its_file_is_refused_unread(tmp_path):
    write(tmp_path, "a.jpg")
    path = tmp_path / "maps" / "a.jpg.png"
    data = path.read_bytes()
    path.write_bytes(data[:33] + b"\xf0\0\0\0teXt" + data[33:])
    change_index(tmp_path, lambda document: document["images"]["a.jpg"].update(map_sha256=file_sha256(path)))
    with pytest.raises(CacheError, match=r"a\.jpg\.png: expected a probability map as PNG, got another file"):
        MapCache(tmp_path).read("a.jpg")
