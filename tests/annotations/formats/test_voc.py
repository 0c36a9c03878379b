"""Pascal VOC: upright boxes in an XML for each image."""

import pytest

from ocr.annotations.formats.interface import LabelSettings
from tests.annotations.formats.conftest import box

IMAGES = {"v1.png": (100, 80)}


def document(*objects, filename="v1", width=0, height=0):
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    names = f"<filename>{filename}</filename><path>C:\\img\\{filename}</path>"
    return f"<annotation>{names}{size}{''.join(objects)}</annotation>"


def entry(name, xmin, ymin, xmax, ymax, difficult=0):
    corners = f"<ymax>{ymax}</ymax><xmax>{xmax}</xmax><ymin>{ymin}</ymin><xmin>{xmin}</xmin>"  # in any order
    return f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox>{corners}</bndbox></object>"


def test_numbers_are_taken_as_they_stand_and_names_are_texts_unless_they_are_classes(labels):
    labels.write(
        "v1.xml",
        document(
            entry("text", 10, 10, 50, 24),
            entry("TOTAL", 60, 10, 90, 24, difficult=1),
            entry("Sum, net &lt;5", 60.5, 30.25, 90.0, 44.75),
            entry("corner", 0, 0, 8, 6),
        ),
    )
    read = labels.read("voc")
    assert read.words["v1.png"] == [
        (box(10, 10, 50, 24), "", False),
        (box(60, 10, 90, 24), "TOTAL", True),
        (box(60.5, 30.25, 90, 44.75), "Sum, net <5", False),
        (box(0, 0, 8, 6), "corner", False),
    ]
    assert read.warnings == []


def test_pixels_may_be_counted_from_one(labels):
    labels.write("v1.xml", document(entry("a", 1, 1, 8, 6)))
    read = labels.read("voc", settings=LabelSettings(voc_one_based=True))
    assert read.words["v1.png"] == [(box(0, 0, 8, 6), "a", False)]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (document(entry("a", 50, 10, 10, 24)), "v1.xml, object 1: expected left <= right and top <= bottom, got 50,"),
        (document(entry("a", 10, 10, 50, 24), width=640, height=480), "v1.xml: expected labels of v1.png as displayed"),
        (document(entry("a", "left", 10, 50, 24)), "v1.xml, object 1: expected a number, got 'left'"),
    ],
)
def test_faults_are_named_by_file_and_object(labels, content, fault):
    labels.write("v1.xml", content)
    assert fault in labels.fault("voc")
