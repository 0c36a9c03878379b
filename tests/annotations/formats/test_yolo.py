"""YOLO: fractions of width and height; the number of columns tells the form."""

import re

import pytest

from ocr.annotations.conversion import read_labels
from tests.annotations.formats.conftest import box

IMAGES = {"y1.png": (200, 100), "y2.png": (200, 100), "y3.png": (200, 100)}


def test_boxes_corners_and_polygons_are_scaled_by_both_sides(labels):
    labels.write("data.yaml", "path: .\nnames:\n  0: text\n  1: Ignore\n")
    labels.write(
        "labels/y1.txt",
        "0 0.1 0.2 0.4 0.2 0.4 0.35 0.1 0.35\n"
        "0 0.6 0.1 0.65 0.5 0.6 0.55 0.55 0.15\n"
        "1 0.5 0.8 0.2 0.2\n"  # centre (100, 80), 40 x 20 px
        "0 0.7 0.6 0.8 0.55 0.9 0.6 0.9 0.8 0.8 0.75 0.7 0.8\n"
        "0 -0.005 0.9 0.1 0.9 0.1 1.0 -0.005 1.0\n",  # x = -1
    )
    labels.write("labels/y2.txt", "")
    read = labels.read("yolo_obb")
    assert read.words == {
        "y1.png": [
            (box(20, 20, 80, 35), "", False),
            ([[120, 10], [130, 50], [120, 55], [110, 15]], "", False),
            (box(80, 70, 120, 90), "", True),
            ([[140, 60], [160, 55], [180, 60], [180, 80], [160, 75], [140, 80]], "", False),
            (box(0, 90, 20, 100), "", False),
        ],
        "y2.png": [],
        "y3.png": [],  # no file, no objects
    }
    assert read.warnings == [
        "1 word with points outside the image, moved onto the border: labels/y1.txt, line 5",
        "1 image without label file, taken as one without text: y3.png",
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("0 20 20 80 20 80 35 20 35", "expected coordinates relative to width and height, 0..1, got 20"),
        ("0 0.5 0.5 0.2 0.1 0.93", "got 6 columns"),
        ("0 0.5 0.5 -0.2 0.1", "expected a width and height >= 0, got -0.2 and 0.1"),
        ("0 0.5 0.5 1.4 0.1", "expected x in 0..200 as displayed, got -40"),
    ],
)
def test_what_is_no_fraction_and_other_numbers_of_columns_are_faults(labels, line, fault):
    labels.write("labels/y1.txt", f"0 0.1 0.2 0.4 0.2 0.4 0.35 0.1 0.35\n{line}\n")
    message = labels.fault("yolo_obb")
    assert "labels/y1.txt, line 2: " in message
    assert fault in message


def test_names_of_classes_may_be_a_list_or_a_text_file(labels):
    labels.write("y1.txt", "2 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2")
    for name, content in (("classes.txt", "text\nlogo\ndontcare\n"), ("data.yaml", "names: [text, logo, illegible]")):
        labels.write(name, content)
        assert [word[2] for word in labels.read("yolo_obb").words["y1.png"]] == [True, False]


def test_names_of_classes_are_those_of_the_data_that_a_split_belongs_to(labels):
    labels.write("data.yaml", "names: [text, ignore]")
    labels.write("train/labels/y1.txt", "1 0.5 0.5 0.2 0.2")
    (image, *_) = read_labels(labels.folder / "labels/train/labels", labels.folder / "images")
    assert [word.ignore for word in image.annotation.words] == [True]


@pytest.mark.parametrize(
    ("names", "file", "given"),
    [
        ("data.yaml", "labels/train/y1.txt", "labels/train"),  # beside data/images/train
        ("labels/classes.txt", "labels/y1.txt", ""),  # as LabelImg writes them
        ("train/labels/classes.txt", "train/labels/y1.txt", ""),
    ],
)
def test_names_of_classes_are_those_of_the_nearest_folder_that_has_them(labels, names, file, given):
    text = "names: [text, ignore]" if names.endswith(".yaml") else "text\nignore\n"
    for name, content in (("classes.txt", "text\nlogo\n"), (names, text), (file, "1 0.5 0.5 0.2 0.2")):
        path = labels.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (image, *_) = read_labels(labels.folder / given, labels.folder / "images", "yolo_obb")
    assert [word.ignore for word in image.annotation.words] == [True]


def test_a_yaml_without_names_of_classes_is_not_read_and_a_damaged_one_with_them_is_a_fault(labels):
    labels.write("y1.txt", "1 0.5 0.5 0.2 0.2")
    labels.write("mkdocs.yml", "slugify: !!python/object/apply:pymdownx.slugs.slugify {} # as names are written\n")
    labels.write("._data.yaml", b"\x00\x05\x16\x07\xff")
    labels.write("set.yaml", "path: .\nnames: [text, ignore]\n")
    assert [word[2] for word in labels.read("yolo_obb").words["y1.png"]] == [True]
    labels.write("set.yaml", "names: [text, ignore\n")
    assert "expected the names of the classes as YAML in" in labels.fault("yolo_obb")
    (labels.folder / "labels/set.yaml").unlink()
    labels.write("classes.txt", "글자\n".encode("cp949"))
    assert re.search(r"y1\.txt: expected the names .* as UTF-8 text in .*classes\.txt, got", labels.fault("yolo_obb"))
