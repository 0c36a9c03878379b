"""A folder of images per class, with and without splits."""

import numpy as np
import pytest

from baseline_code.datasets import FolderSource, SourceError
from baseline_code.images.reading import ImageReadError
from tests.baseline_code.datasets.small_images import colour, write_images

SPLITS = ["train/a/0.png", "train/b/1.png", "val/a/2.png", "test/b/3.png"]


def test_splits_come_from_folders_of_their_names(tmp_path):
    write_images(tmp_path, SPLITS)
    train, val, test = FolderSource(tmp_path).load()
    assert train.names == ("train/a/0.png", "train/b/1.png")
    assert train.labels.tolist() == [0, 1]
    assert (val.names, val.labels.tolist()) == (("val/a/2.png",), [0])
    assert (test.names, test.labels.tolist()) == (("test/b/3.png",), [1])
    assert train.classes == val.classes == test.classes == ("a", "b")
    np.testing.assert_array_equal(train.read(1), colour(1))


def test_without_splits_each_class_is_split_by_the_shares(tmp_path):
    write_images(tmp_path, [f"{name}/{number}.png" for name in "ab" for number in range(10)])
    train, val, test = FolderSource(tmp_path, val_fraction=0.2, test_fraction=0.1).load()
    assert [np.bincount(split.labels).tolist() for split in (train, val, test)] == [[7, 7], [2, 2], [1, 1]]
    assert len({*train.names, *val.names, *test.names}) == 20
    again, other = FolderSource(tmp_path).load(), FolderSource(tmp_path, seed=1).load()
    assert again.val.names == FolderSource(tmp_path).load().val.names != other.val.names


def test_classes_are_ordered_as_numbers_or_as_they_are_given(tmp_path):
    write_images(tmp_path, [f"{name}/{number}.png" for name in ("10", "9") for number in range(2)])
    assert FolderSource(tmp_path).load().train.classes == ("9", "10")
    assert FolderSource(tmp_path, classes=["10", "9"]).load().train.labels.tolist() == [0, 1]


def test_a_class_may_have_the_name_of_a_split(tmp_path):
    write_images(tmp_path, [f"{name}/{number}.png" for name in ("Train", "bus") for number in range(5)])
    assert FolderSource(tmp_path).load().train.classes == ("Train", "bus")


def test_hidden_and_other_files_are_passed_over_and_deeper_images_found(tmp_path):
    write_images(tmp_path, [*SPLITS, "train/a/deep/4.JPG", "train/a/._0.png", ".cache/x.png"])
    (tmp_path / "train/a/notes.txt").write_text("mine")
    (tmp_path / "train/a/0.png").write_bytes(b"no image")
    train = FolderSource(tmp_path).load().train
    assert train.names == ("train/a/0.png", "train/a/deep/4.JPG", "train/b/1.png")
    with pytest.raises(ImageReadError, match=r"train/a/0\.png: expected a JPEG, PNG.*begins with b'no image'"):
        train.read(0)


@pytest.mark.parametrize(
    ("names", "classes", "message"),
    [
        ([], None, "expected a folder of images per class, got no folder"),
        (["train/a/0.png"], None, "train: expected images of at least two classes, got only 'a'"),
        ([*SPLITS, "val/c/4.png"], None, "val: expected the classes a, b, got the unknown c"),
        (
            [f"{split}/{name}/{number}.png" for split in ("Train", "Test") for name in "ab" for number in range(5)],
            None,
            "Test: expected the test split in a folder 'test', got 'Test': rename it",
        ),
        (
            ["train/a/0.png", "train/b/1.png", "train/a/2.png", "train/b/3.png", "valid/a/4.png"],
            None,
            "valid: expected the val split in a folder 'val', got 'valid': rename it",
        ),
        (SPLITS, ["a", "c"], "train: expected the classes a, c, got the unknown b"),
        (SPLITS, ["a", "b", "c"], "expected images of the classes a, b, c, got none of c"),
        (SPLITS, ["a", "a", "b"], "expected at least two classes, each named once, got a, a, b"),
        (
            ["a/0.png", "b/1.png", "b/2.png"],
            None,
            "expected more than 1 images of the class 'a' to split it into 2 splits, got 1",
        ),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, names, classes, message):
    write_images(tmp_path, names)
    with pytest.raises(SourceError, match=message):
        FolderSource(tmp_path, classes=classes).load()


def test_a_missing_root_and_an_empty_class_are_named(tmp_path):
    with pytest.raises(SourceError, match="none: expected a folder of images, got nothing"):
        FolderSource(tmp_path / "none").load()
    write_images(tmp_path, SPLITS)
    (tmp_path / "train/empty").mkdir()
    with pytest.raises(SourceError, match=r"train/empty: expected images \(.jpg, .png, …\), got none"):
        FolderSource(tmp_path).load()


def test_a_validation_folder_wins_over_the_fraction_that_is_split_off_otherwise(tmp_path):
    write_images(tmp_path / "bare", [f"{name}/{number}.png" for name in "ab" for number in range(2)])
    train, val, test = FolderSource(tmp_path / "bare", val_fraction=0).load()
    assert (train.names, val, test) == (("a/0.png", "a/1.png", "b/0.png", "b/1.png"), None, None)
    write_images(tmp_path / "splits", SPLITS)
    assert FolderSource(tmp_path / "splits", val_fraction=0).load().val.names == ("val/a/2.png",)
    write_images(tmp_path / "train_only", [f"train/{name}/{number}.png" for name in "ab" for number in range(5)])
    train, val, test = FolderSource(tmp_path / "train_only", val_fraction=0.2).load()
    assert (len(train), len(val), test) == (8, 2, None)


@pytest.mark.parametrize(("val_fraction", "test_fraction"), [(-0.1, 0), (0.5, 0.5), (1.2, 0), (0.2, -0.1)])
def test_shares_that_leave_nothing_are_refused(tmp_path, val_fraction, test_fraction):
    write_images(tmp_path, [f"{name}/{number}.png" for name in "ab" for number in range(4)])
    with pytest.raises(
        SourceError, match=r"expected datasets\.val_fraction and datasets\.test_fraction >= 0 and their sum"
    ):
        FolderSource(tmp_path, val_fraction=val_fraction, test_fraction=test_fraction).load()
