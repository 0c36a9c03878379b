"""Patches of a whole data set."""

import numpy as np
import pytest

from baseline_code.images.reading import ImageReadError
from ocr.annotations.faults import AnnotationError
from ocr.text_patches import TextPatchSource
from tests.small_data import random_split


@pytest.fixture
def root(tmp_path):
    random_split(tmp_path, "train", 12, seed=0, enlarged=2)
    return tmp_path


def test_labelled_images_and_generated_receipts_give_the_same_patches_for_any_number_of_threads(root):
    splits, again = (
        TextPatchSource(root, generated=2, train=60, val=15, size=32, threads=threads).load() for threads in (4, 1)
    )
    assert (len(splits.train), len(splits.val), splits.test) == (60, 15, None)
    assert splits.train.classes == splits.val.classes
    assert splits.train.read(7).shape == (32, 32, 3)
    assert len(set(splits.train.names)) == 60
    np.testing.assert_array_equal(splits.train.labels, again.train.labels)
    assert all(np.array_equal(splits.train.read(i), again.train.read(i)) for i in range(60))


def test_generated_receipts_are_enough():
    splits = TextPatchSource(None, generated=2, train=20, val=20, size=32).load()
    assert len(splits.train.labels) + len(splits.val.labels) > 30


def test_an_image_gives_patches_to_one_split_only(root, monkeypatch):
    used = {}

    def note(scene, count, size, rng):
        used.setdefault(scene.image.tobytes(), []).append(count)
        return original(scene, count, size, rng)

    original = TextPatchSource.load.__globals__["cut_patches"]
    monkeypatch.setitem(TextPatchSource.load.__globals__, "cut_patches", note)
    TextPatchSource(root, generated=0, train=50, val=10, size=32, threads=1).load()
    assert len(used) == 12
    assert sorted(used.values()) == [[5]] * 12  # 10 images share 50, 2 share 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"train": 0}, "train=0"), ({"size": 16}, "size=16"), ({"root": None, "generated": 1}, "at least 2 generated")],
)
def test_settings_that_leave_nothing_to_cut_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TextPatchSource(**{"root": "anywhere"} | settings)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_images_are_refused(tmp_path, count):
    random_split(tmp_path, "train", count, seed=0, enlarged=2)
    with pytest.raises(ValueError, match=rf"expected at least 2 images to cut patches from, .* got {count}: label"):
        TextPatchSource(tmp_path, generated=0).load()


def test_broken_labels_and_images_are_named(root):
    with pytest.raises(AnnotationError, match=r"val\.json"):
        TextPatchSource(root, split="val", generated=0).load()
    (root / "images" / "train" / "train_3.png").write_bytes(b"broken")
    with pytest.raises(ImageReadError, match=r"train_3\.png"):
        TextPatchSource(root, generated=0, train=50, val=10, size=32).load()
