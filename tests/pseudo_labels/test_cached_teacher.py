"""A cache of probability maps as the teacher of the images that it was predicted from."""

import pickle
import shutil
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.records import ImageRecord
from ocr.geometry import scaling
from ocr.label_maps.painting import build_targets
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import CacheError, ImageMap, MapCacheWriter
from ocr.pseudo_labels import CachedTeacher, build_pseudo_split
from tests.oracles.polygons import box
from tests.small_data import change_json, write_split

SURE, UNSURE = box(20, 20, 100, 40), box(20, 60, 100, 80)
"""In original pixels, of images of 128 x 96 px."""


def predicted():
    """A map at half the image's size, 16 bits: one word is sure (0.9), one is not (0.5)."""
    soft = np.zeros((48, 64), np.uint16)
    for word, probability in ((SURE, 0.9), (UNSURE, 0.5)):
        shrunk = build_targets([word / 2], [False], 48, 64).probability[0] > 0
        soft[shrunk] = round(probability * 65535)
    return soft


@pytest.fixture
def images(tmp_path: Path) -> Path:
    write_split(tmp_path, "new", {"b.png": (128, 96, [SURE.tolist()]), "a.png": (128, 96, [UNSURE.tolist()])})
    return tmp_path / "images/new"


@pytest.fixture
def maps(images: Path) -> Path:
    folder = images.parents[1] / "maps"
    with MapCacheWriter(folder, source={}) as writer:
        for name in ("b.png", "a.png"):
            record = ImageRecord(name, 128, 96, scaling(2.0))
            writer.add(ImageMap(record, predicted()), file_sha256(images / name))
    return folder


def teacher(maps, images, certain=0.6, **settings):
    return CachedTeacher(maps, images, DBPostProcess(**settings), certain=certain)


def test_its_images_are_those_of_the_cache_in_its_order_without_words(maps, images):
    shutil.copy(images / "a.png", images / "later.png")  # has no map
    labelled = teacher(maps, images).labelled_images()
    assert labelled.filenames == ["b.png", "a.png"]
    assert labelled.paths == [images / "b.png", images / "a.png"]
    assert [annotation.polygons for annotation in labelled.annotations] == [(), ()]


def test_an_image_is_found_in_another_unicode_form_of_its_name(images, tmp_path):
    """Labels, and so maps, name é as one character, macOS stores it as two."""
    labelled, stored = (unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD"))
    file = (images / "a.png").rename(images / stored)
    with MapCacheWriter(tmp_path / "maps", source={}) as writer:
        writer.add(ImageMap(ImageRecord(labelled, 128, 96, scaling(2.0)), predicted()), file_sha256(file))
    assert teacher(tmp_path / "maps", images).labelled_images().filenames == [labelled]


def test_a_teacher_whose_regions_were_shrunk_otherwise_is_refused(maps, images):
    change_json(maps / "index.json", lambda index: index.update(source={"shrink_ratio": 0.4}))
    assert teacher(maps, images, shrink_ratio=0.4).labelled_images()
    with pytest.raises(ValueError, match=r"this training's models\.head\.shrink_ratio=0\.6, got 0\.4"):
        teacher(maps, images, shrink_ratio=0.6).labelled_images()


def test_the_map_comes_in_8_bits_also_to_loader_workers(maps, images):
    original = teacher(maps, images)
    original.labelled_images()
    for one in (original, pickle.loads(pickle.dumps(original))):
        probability = one.read("b.png").probability
        assert (probability.dtype, probability.shape) == (np.uint8, (48, 64))
        assert sorted(np.unique(probability)) == [0, 128, 230]  # 0.5 * 255 = 127.5, 0.9 * 255 = 229.5


@pytest.mark.parametrize(("certain", "words"), [(0.6, [SURE]), (0.4, [SURE, UNSURE]), (0.95, [])])
def test_words_are_those_whose_score_is_certain_in_original_pixels(maps, images, certain, words):
    found = teacher(maps, images, certain).read("a.png").polygons
    assert len(found) == len(words)
    for polygon, word in zip(found, words, strict=True):
        # the shrunk word is known to a pixel of the map, which the unclipping doubles and the original's frame too
        np.testing.assert_allclose(polygon.min(axis=0), word.min(axis=0), atol=4)
        np.testing.assert_allclose(polygon.max(axis=0), word.max(axis=0), atol=4)


def test_images_and_maps_that_do_not_belong_together_are_refused_by_name_once_they_are_needed(maps, images, tmp_path):
    cv2.imwrite(str(images / "a.png"), np.zeros((96, 128, 3), np.uint8))
    MapCacheWriter(tmp_path / "empty", source={}).close()
    for folder, message in (
        (maps, r"maps: expected maps of the files in .*other content for a\.png: predict"),
        (tmp_path / "empty", r"empty: expected maps of the images in .*, got an empty cache"),
        (tmp_path / "gone", r"gone: expected a cache of probability maps"),
    ):
        unread = teacher(folder, images)  # a detector whose teacher's cache is gone can still be evaluated
        with pytest.raises(CacheError, match=message):
            unread.labelled_images()
    (images / "b.png").unlink()
    with pytest.raises(CacheError, match=r"expected the 2 images whose maps are in .*, got no b\.png: set "):
        teacher(maps, images).labelled_images()


# ---- from settings


@pytest.mark.parametrize(("maps", "images"), [("maps", None), (None, "images")])
def test_maps_and_images_belong_together(maps, images):
    with pytest.raises(ValueError, match=rf"datasets\.pseudo\.images together, got {maps} and {images}: "):
        build_pseudo_split(maps, images, DBPostProcess(), low=0.1, high=0.6)


def test_the_upper_end_of_the_band_is_what_makes_a_word_certain():
    split = build_pseudo_split("maps", "images", DBPostProcess(), low=0.2, high=0.7)
    assert (split.band.low, split.band.high, split.teacher.certain) == (0.2, 0.7, 0.7)
    assert build_pseudo_split(None, None, DBPostProcess(), low=0.1, high=0.6) is None
    with pytest.raises(ValueError, match=r"of an ignore band, got 0\.7 and 0\.6"):  # even where it is not needed
        build_pseudo_split(None, None, DBPostProcess(), low=0.7, high=0.6)
