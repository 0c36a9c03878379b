"""Images that are in two splits."""

import numpy as np
import pytest

from baseline_code.datasets import FolderSource, NpzSource
from baseline_code.datasets.labelled import JoinedImages, SelectedImages
from baseline_code.datasets.leaks import LeakError, check_distinct_names, find_duplicates
from tests.baseline_code.datasets.small_images import Images, write_images


def test_equal_arrays_are_found_also_behind_a_selection(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (4, 3, 3), np.uint8)
    labels = np.array([0, 1, 0, 1])
    np.savez(
        tmp_path / "set.npz",
        train_images=images,
        train_labels=labels,
        val_images=np.stack([images[3] // 2, images[2]]),
        val_labels=labels[:2],
    )
    train, val, _ = NpzSource(tmp_path / "set.npz").load()
    assert find_duplicates(train, val) == [("val/000001", "train/000002")]
    assert find_duplicates(SelectedImages(SelectedImages(train, [3, 2, 1]), [0, 1]), val) == [
        ("val/000001", "train/000002")
    ]
    assert find_duplicates(SelectedImages(train, [0, 1]), val) == []


def test_equal_files_under_other_names_are_found_also_behind_a_join(tmp_path):
    write_images(tmp_path, ["train/a/0.bmp", "train/b/1.bmp", "val/a/2.bmp", "val/b/3.bmp", "test/a/4.bmp"])
    (tmp_path / "test/a/4.bmp").write_bytes((tmp_path / "val/b/3.bmp").read_bytes())  # all are of one size
    train, val, test = FolderSource(tmp_path).load()
    assert find_duplicates(val, test) == [("test/a/4.bmp", "val/b/3.bmp")]
    joined = JoinedImages(train, SelectedImages(val, [1, 0]))
    assert find_duplicates(joined, test) == [("test/a/4.bmp", "val/b/3.bmp")]
    assert find_duplicates(SelectedImages(joined, [2]), test) == [("test/a/4.bmp", "val/b/3.bmp")]
    assert find_duplicates(SelectedImages(joined, [0, 1, 3]), test) == []


def test_the_same_file_in_two_splits_is_refused():
    whole = Images([0, 1, 0, 1, 0, 1, 0])
    with pytest.raises(LeakError, match=r"in the validation split, got 6 in both: image0, .* image4 and 1 more; take"):
        check_distinct_names(whole, SelectedImages(whole, range(6)), "validation")
    check_distinct_names(SelectedImages(whole, [0, 1]), SelectedImages(whole, [2]), "validation")
