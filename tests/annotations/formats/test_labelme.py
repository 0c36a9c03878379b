"""LabelMe: shapes beside each image."""

import numpy as np

from tests.annotations.formats.conftest import box

IMAGES = {"photo1.png": (100, 80)}


def shape(label, *points, kind="polygon", **more):
    return {"label": label, "points": [list(point) for point in points], "shape_type": kind, "flags": {}, **more}


def document(*shapes, path="..\\images\\photo1.png", width=None, height=None):
    return {"imagePath": path, "imageWidth": width, "imageHeight": height, "imageData": None, "shapes": list(shapes)}


def test_shapes_with_an_area_are_words_and_labels_their_text(labels):
    untyped = shape("tri", (60, 40), (90, 40), (90, 54))
    del untyped["shape_type"]
    labels.write(
        "photo1.json",
        document(
            shape("TOTAL", (50, 24), (10, 10), kind="rectangle"),
            shape("###", (90, 10), (60, 24), kind="rectangle"),
            shape("sum", (10, 40), (10, 54), (50, 56), (50, 42)),  # counter-clockwise
            untyped,  # longest edge (90, 54) to (60, 40), its middle (75, 47)
            shape("line", (5, 5), (20, 6), (40, 5), kind="linestrip"),
            shape("dot", (50, 50), kind="point"),
            shape("text", (60, 60), (90, 76), kind="rectangle", description="Apfel"),
            shape("Text", (96, 2), (99, 8), kind="rectangle", description=""),
            shape("word", (90, 24), (60, 24), (60, 10), (90, 10), kind="rectangle", flags={"Ignored": True}),
        ),
    )
    read = labels.read("labelme")
    assert read.words["photo1.png"] == [
        (box(10, 10, 50, 24), "TOTAL", False),
        (box(60, 10, 90, 24), "###", True),
        ([[10, 40], [50, 42], [50, 56], [10, 54]], "sum", False),
        ([[60, 40], [90, 40], [90, 54], [75, 47]], "tri", False),
        (box(60, 60, 90, 76), "Apfel", False),
        (box(96, 2, 99, 8), "", False),
        (box(60, 10, 90, 24), "", True),
    ]
    assert read.warnings == [
        "2 shapes left out (1 linestrip, 1 point): photo1.json, shape 5; photo1.json, shape 6",
        "1 word counter-clockwise, put in order: photo1.json, shape 3",
        "1 word of 3 points, a fourth added: photo1.json, shape 4",
        "1 word without transcription: photo1.json, shape 8",
    ]


def test_an_empty_description_leaves_the_label_a_text_unless_the_file_says_that_it_is_none(labels):
    shapes = [shape(label, (10, 10), (50, 24), kind="rectangle", description="") for label in ("TOTAL", "logo")]
    labels.write("photo1.json", document(*shapes) | {"labels_without_text": ["logo"]})
    assert [text for _, text, _ in labels.read("labelme").words["photo1.png"]] == ["TOTAL", ""]


def test_a_circle_becomes_32_corners_from_its_upper_left(labels):
    labels.write("photo1.json", document(shape("stamp", (30, 70), (30, 64), kind="circle")))
    ((points, _, _),) = labels.read("labelme").words["photo1.png"]
    assert len(points) == 32
    assert points[0] == [25.757, 65.757]  # 30 - 6 / sqrt(2)
    assert points[4] == [30, 64]
    np.testing.assert_allclose(np.hypot(*(np.array(points) - (30, 70)).T), 6, atol=0.001)


def test_the_stem_finds_the_image_where_its_path_does_not(labels):
    labels.write("photo1.json", document(shape("a", (0, 0), (9, 9), kind="rectangle"), path="C:\\old\\name.png"))
    assert list(labels.read("labelme").words) == ["photo1.png"]


def test_another_size_is_refused(labels):
    labels.write("photo1.json", document(shape("a", (20, 20), (90, 48), kind="rectangle"), width=200, height=160))
    assert "photo1.json: expected labels of photo1.png as displayed, 100 x 80 px, got" in labels.fault("labelme")
