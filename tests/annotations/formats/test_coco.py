"""COCO: lists of images and annotations."""

import pytest

from tests.annotations.formats.conftest import box

COMPRESSED = "Zf4:V20fn2"
"""4810, 10, 70, 10 - 10, 3100 - 70 in digits of five bits, the lowest first, +32 where one follows, +48: 4810 is 10 +
32 * (22 + 32 * 4), so 10 + 32 + 48 = Z, 22 + 32 + 48 = f, 4 + 48 = 4."""
IMAGES = {"a.png": (100, 80), "b.png": (100, 80)}


def dataset(*annotations, images=("a.png", "images/b.png"), **sides):
    entries = [{"id": 10 - index, "file_name": name, **sides} for index, name in enumerate(images)]
    return {
        "categories": [{"id": 0, "name": "receipts"}, {"id": 1, "name": "word"}, {"id": 2, "name": "Don't care"}],
        "images": entries,
        "annotations": [
            {"id": number, "category_id": 1, "iscrowd": 0, **one} for number, one in enumerate(annotations)
        ],
    }


def test_polygons_flat_lists_boxes_and_rotated_boxes_are_words_of_the_image_that_is_named(labels):
    labels.write(
        "instances.json",
        dataset(
            {"image_id": 9, "bbox": [10, 20, 30, 15], "segmentation": [], "text": "BOX"},
            {"image_id": 10, "segmentation": [[10, 10, 50, 12, 50, 26, 10, 24]], "attributes": {"text": "QUAD"}},
            {"image_id": 9, "segmentation": [10, 50, 50, 50, 50, 64, 10, 64], "caption": "FLAT"},
            # about (75, 50), 90 degrees clockwise: (x, y) -> (75 - (y - 50), 50 + (x - 75))
            {"image_id": 9, "bbox": [60, 40, 30, 20], "attributes": {"rotation": 90.0, "transcription": "TURNED"}},
            {"image_id": 10, "bbox": [1, 2, 3, 4], "iscrowd": 1},
            {"image_id": 10, "bbox": [1, 2, 3, 4], "category_id": 2},
            {"image_id": 10, "bbox": [1, 2, 3, 4], "attributes": {"illegible": "false"}, "utf8_string": "kept"},
            width=100,
            height=80,
        ),
    )
    read = labels.read("coco")
    assert read.words == {
        "a.png": [
            ([[10, 10], [50, 12], [50, 26], [10, 24]], "QUAD", False),
            (box(1, 2, 4, 6), "", True),
            (box(1, 2, 4, 6), "", True),
            (box(1, 2, 4, 6), "kept", False),
        ],
        "b.png": [
            (box(10, 20, 40, 35), "BOX", False),
            (box(10, 50, 50, 64), "FLAT", False),
            ([[85, 35], [85, 65], [65, 65], [65, 35]], "TURNED", False),
        ],
    }
    assert read.warnings == []


def test_several_polygons_of_one_annotation_are_words_each(labels):
    left, right = [60, 10, 75, 10, 75, 20, 60, 20], [80, 20, 95, 20, 95, 10, 80, 10]
    labels.write(
        "instances.json",
        dataset(
            {"image_id": 10, "segmentation": [left, right], "text": "SPLIT"},
            {"image_id": 10, "bbox": [5, 60, 0, 10]},
            images=["a.png"],
        ),
    )
    read = labels.read("coco")
    assert read.words == {"a.png": [(box(60, 10, 75, 20), "SPLIT", False), (box(80, 10, 95, 20), "SPLIT", False)]}
    assert read.warnings == [
        "1 annotation of several polygons, of each a word was made (1 of 2): instances.json, annotation 0",
        "1 word counter-clockwise, put in order: instances.json, annotation 0",
        "1 word without area, left out: instances.json, annotation 1",
        "1 image without entry in the labels, left out: b.png",
    ]


@pytest.mark.parametrize("counts", [[4810, 10, 70, 10, 3100], COMPRESSED])
def test_the_runs_of_a_mask_go_down_the_columns_and_end_at_the_outer_edge(labels, counts):
    # 4810 = 60 columns of 80 and 10: two columns, 60 and 61, rows 10 to 19
    mask = {"size": [80, 100], "counts": counts}
    labels.write("instances.json", dataset({"image_id": 10, "segmentation": mask, "iscrowd": 1}, images=["a.png"]))
    assert labels.read("coco").words["a.png"] == [(box(60, 10, 62, 20), "", True)]


@pytest.mark.parametrize(
    ("annotation", "sides", "fault"),
    [
        ({"image_id": 99, "bbox": [1, 2, 30, 10]}, {}, "annotation 0: expected the id of an image as image_id, got 99"),
        (
            {"image_id": 10, "segmentation": [[1, 2, 3, 4, 5, 6, 7]]},
            {},
            "annotation 0: expected an even number of coord",
        ),
        ({"image_id": 10, "bbox": [9, 9, -5, 3]}, {}, "annotation 0: expected a width and height >= 0, got -5 and 3"),
        ({"image_id": 10}, {}, "annotation 0: expected segmentation or bbox"),
        (
            {"image_id": 10, "segmentation": {"size": [80, 100], "counts": [7999]}},
            {},
            "expected runs of 8000 pixels in all, got 7999",
        ),
        (
            {"image_id": 10, "bbox": [20, 20, 60, 20]},
            {"width": 200, "height": 160},
            "image a.png: expected labels of a.png as displayed, 100 x 80 px, got those of an image of 200 x 160 px",
        ),
    ],
)
def test_faults_are_named_by_annotation_or_image(labels, annotation, sides, fault):
    labels.write("instances.json", dataset(annotation, images=["a.png"], **sides))
    assert fault in labels.fault("coco")


def test_words_of_an_image_that_is_missing_have_their_faults_named_as_well(labels):
    labels.write("instances.json", dataset({"image_id": 10, "bbox": [9, 9, -5, 3]}, images=["gone.png"]))
    message = labels.fault("coco")
    assert "annotation 0: expected a width and height >= 0, got -5 and 3" in message
    assert "expected the image 'gone.png'" in message
