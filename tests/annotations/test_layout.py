"""The project's layout: where the files of a split are, and the numbers of its labels."""

from pathlib import Path

import numpy as np

from ocr.annotations.layout import image_folder, images_of, labels_file, labels_files, shortest_decimal

ROOT = Path("data/receipts")


def test_a_split_has_a_file_of_labels_and_a_folder_of_images_which_either_leads_to():
    assert labels_file(ROOT, "val") == Path("data/receipts/jsons/val.json")
    assert image_folder(ROOT, "val") == Path("data/receipts/images/val")
    assert images_of(labels_file(ROOT, "val")) == image_folder(ROOT, "val")
    assert images_of(labels_file(ROOT, "v1.2")) == image_folder(ROOT, "v1.2")  # a dot is no ending


def test_the_labels_that_are_there_are_listed_by_name(tmp_path):
    assert labels_files(tmp_path) == []
    for split in ("val", "train"):
        path = labels_file(tmp_path, split)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    for other in ("notes.txt", "._train.json"):
        (tmp_path / "jsons" / other).touch()
    assert labels_files(tmp_path) == [labels_file(tmp_path, "train"), labels_file(tmp_path, "val")]


def test_a_coordinate_is_written_as_the_shortest_number_that_is_read_back():
    assert shortest_decimal(np.float32(0.1)) == 0.1
    assert shortest_decimal(np.float32(1 / 3)) == 0.33333334
    assert np.float32(shortest_decimal(np.float32(1 / 3))) == np.float32(1 / 3)
