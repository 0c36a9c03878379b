"""COCO-Text and TextOCR: objects by id, the set of an image is its split."""

from tests.annotations.formats.conftest import box

IMAGES = {"t_1.png": (100, 80), "t_2.png": (100, 80)}


def dataset(*annotations, second="val"):
    return {
        "imgs": {
            "1": {"id": 1, "set": "train", "file_name": "t_1.png", "width": 100, "height": 80},
            "2": {"id": 2, "set": second, "file_name": "t_2.png", "width": 100, "height": 80},
        },
        "anns": {str(number): {"id": number, **one} for number, one in enumerate(annotations, start=11)},
        "imgToAnns": {},
    }


def test_both_versions_and_textocr_have_their_own_outlines(labels):
    labels.write(
        "cocotext.json",
        dataset(
            {"image_id": 1, "mask": [10, 10, 50, 10, 50, 24, 10, 24], "legibility": "legible", "utf8_string": "The"},
            {"image_id": 1, "mask": [60, 10.5, 90, 10.5, 90, 24.5, 60, 24.5], "legibility": "illegible"},
            {"image_id": 1, "polygon": [10, 40, 50, 42, 50, 56, 10, 54], "language": "not english", "utf8_string": "ß"},
            {"image_id": 1, "mask": [], "bbox": [60.0, 40.0, 30.5, 14.25], "utf8_string": "box"},
            {"image_id": 2, "points": [1, 2, 9, 2, 9, 8, 1, 8], "utf8_string": "."},
        ),
    )
    read = labels.read("coco_text")
    assert read.words == {
        "t_1.png": [
            (box(10, 10, 50, 24), "The", False),
            (box(60, 10.5, 90, 24.5), "", True),
            ([[10, 40], [50, 42], [50, 56], [10, 54]], "ß", False),
            (box(60, 40, 90.5, 54.25), "box", False),
        ],
        "t_2.png": [(box(1, 2, 9, 8), "", True)],
    }
    assert read.splits == {"t_1.png": "train", "t_2.png": "val"}
    assert read.warnings == []


def test_a_set_that_is_no_split_is_a_fault(labels):
    labels.write("cocotext.json", dataset(second="all"))
    assert "image t_2.png: expected the set to be train, val, test, got 'all'" in labels.fault("coco_text")
