"""Images to classify: a file, a folder or an archive; what cannot be read stops no other."""

import csv
import zipfile

import numpy as np
import pytest
from PIL import Image

from baseline_code.classifier.predictions import Prediction, write_class_csv
from baseline_code.datasets.unlabelled import open_images, unlabelled_dataloader


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "images"
    (root / "inner").mkdir(parents=True)
    for name, grey in (("b.png", 10), ("inner/a.png", 200)):
        Image.fromarray(np.full((6, 8, 3), grey, np.uint8)).save(root / name)
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (root / "notes.txt").write_text("no image")
    return root


def batches(path, **settings):
    settings = {"img_size": 4, "batch_size": 2, "num_workers": 0} | settings
    return list(unlabelled_dataloader(open_images(path), **settings))


def test_a_folder_is_read_in_order_and_unreadable_files_are_passed_on_with_their_reason(folder):
    assert list(open_images(folder).names) == ["b.png", "broken.jpg", "inner/a.png"]
    first, second = batches(folder)
    assert first.filenames == ("b.png",)
    assert first.images.shape == (1, 3, 4, 4)
    assert (first.images == 10).all()
    (bad,) = first.unreadable
    assert bad.filename == "broken.jpg"
    assert str(folder / "broken.jpg") in bad.reason
    assert (second.filenames, second.unreadable) == (("inner/a.png",), ())
    empty = batches(folder, batch_size=1)[1]
    assert (empty.filenames, len(empty.images)) == ((), 0)


def test_one_file_is_read_whatever_its_name(folder):
    (folder / "b.png").rename(folder / "b.download")
    assert list(open_images(folder / "b.download").names) == ["b.download"]
    (batch,) = batches(folder / "b.download")
    assert (batch.images == 10).all()


def test_an_archive_is_read_in_any_layout(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for name in ("b.png", "inner/a.png", "broken.jpg", "notes.txt"):
            archive.write(folder / name, name)
    (first, second) = batches(tmp_path / "images.zip")
    assert first.filenames == ("b.png", "inner/a.png")
    assert [bad.filename for bad in second.unreadable] == ["broken.jpg"]


@pytest.mark.parametrize("name", ["nowhere", "empty", "text.zip", "empty.zip"])
def test_nothing_to_read_is_refused_by_name(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("notes.txt", "no image")
    with pytest.raises(ValueError, match=name):
        open_images(tmp_path / name)


def test_the_csv_has_a_row_for_every_file_in_the_order_asked_for(tmp_path):
    predictions = [Prediction("b.png", "x,y", (0.25, 0.75)), Prediction("a.png", "n", (1.0, 0.0))]
    write_class_csv(tmp_path / "out.csv", ["a.png", "gone.png", "b.png"], ["n", "x,y"], predictions)
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["filename", "class", "probability_n", "probability_x,y"]
    assert rows[1:] == [
        ["a.png", "n", "1.000000", "0.000000"],
        ["gone.png", "", "", ""],
        ["b.png", "x,y", "0.250000", "0.750000"],
    ]
