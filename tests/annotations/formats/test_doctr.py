"""docTR: polygons in any order, in pixels."""

import hashlib

import pytest

from tests.annotations.formats.conftest import box

IMAGES = {"d1.png": (100, 60), "d2.png": (100, 60)}


def test_points_of_any_order_and_classes_are_read(labels):
    digest = hashlib.sha256((labels.folder / "images" / "d1.png").read_bytes()).hexdigest()
    crossing, backwards = [[60, 10], [90, 10], [60, 24], [90, 24]], [[60, 44], [90, 44], [90, 30], [60, 30]]
    classes = {"words": [[[10, 12], [50, 10], [50, 24], [10, 26]]], "Ignore": [box(60, 10, 90, 24)]}
    labels.write(
        "labels.json",
        {
            "d1.png": {
                "img_dimensions": [60, 100],
                "img_hash": digest,
                "polygons": [box(10.5, 30.25, 50.5, 44.75), crossing, backwards],
            },
            "d2.png": {"img_dimensions": [100, 60], "img_hash": "0" * 64, "polygons": classes},
        },
    )
    read = labels.read("doctr")
    assert read.words == {
        "d1.png": [
            (box(10.5, 30.25, 50.5, 44.75), "", False),
            (box(60, 10, 90, 24), "", False),
            (box(60, 30, 90, 44), "", False),
        ],
        "d2.png": [([[10, 12], [50, 10], [50, 24], [10, 26]], "", False), (box(60, 10, 90, 24), "", True)],
    }
    assert read.warnings == [
        "1 word with crossing edges, put in order: labels.json, d1.png, polygon 2",
        "1 word counter-clockwise, put in order: labels.json, d1.png, polygon 3",
        "1 image whose hash differs: d2.png",
    ]


@pytest.mark.parametrize(
    ("dimensions", "polygon", "fault"),
    [
        ([60, 100], box(0.1, 0.1, 0.5, 0.4), "expected pixels, got relative coordinates (0..1)"),
        (
            [120, 200],
            box(20, 20, 90, 48),
            "expected labels of d1.png as displayed, 100 x 60 px, got those of an image of 200 x 120",
        ),
    ],
)
def test_relative_coordinates_and_other_sizes_are_refused(labels, dimensions, polygon, fault):
    labels.write("labels.json", {"d1.png": {"img_dimensions": dimensions, "polygons": [polygon]}})
    message = labels.fault("doctr")
    assert "d1.png" in message
    assert fault in message
