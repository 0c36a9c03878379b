"""Words of every format: the frame of the image as displayed, order, number of points, what lies outside."""

import pytest

from tests.annotations.formats.conftest import box


def voc(width, height, corners):
    size = f"<size><width>{width}</width><height>{height}</height></size>"
    names = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    bndbox = "".join(f"<{name}>{value}</{name}>" for name, value in names)
    return f"<annotation>{size}<object><name>a</name><bndbox>{bndbox}</bndbox></object></annotation>"


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (5, box(20, 10, 30, 40)),  # (x, y) -> (y, x)
        (6, box(30, 10, 40, 40)),  # (60 - y, x)
        (7, box(30, 40, 40, 70)),  # (60 - y, 80 - x)
        (8, box(20, 40, 30, 70)),  # (y, 80 - x)
    ],
)
def test_labels_of_the_image_as_stored_are_rotated_as_it_is_displayed(labels, orientation, expected):
    labels.image("v.jpg", 80, 60, orientation)
    labels.write("v.xml", voc(80, 60, (10, 20, 40, 30)))
    read = labels.read("voc")
    assert read.sizes == {"v.jpg": (60, 80)}
    assert read.words["v.jpg"] == [(expected, "a", False)]  # from the upper left as displayed
    assert read.warnings == ["1 image labelled as stored, rotated by its EXIF orientation: v.jpg"]


@pytest.mark.parametrize(("orientation", "stated"), [(6, (60, 80)), (3, (80, 60)), (1, (80, 60)), (1, (0, 0))])
def test_labels_of_the_image_as_displayed_stay(labels, orientation, stated):
    labels.image("v.jpg", 80, 60, orientation)
    labels.write("v.xml", voc(*stated, (10, 20, 40, 30)))
    read = labels.read("voc")
    assert read.words["v.jpg"] == [(box(10, 20, 40, 30), "a", False)]
    assert read.warnings == []


@pytest.mark.parametrize("orientation", [3, 6])
def test_labels_without_a_size_of_an_image_that_exif_rotates_are_taken_as_displayed_and_counted(labels, orientation):
    labels.image("v.jpg", 80, 60, orientation)
    labels.image("empty.jpg", 80, 60, orientation)
    labels.write("v.xml", voc(0, 0, (10, 20, 40, 30)))
    labels.write("empty.xml", "<annotation></annotation>")
    read = labels.read("voc")
    assert read.words == {"empty.jpg": [], "v.jpg": [(box(10, 20, 40, 30), "a", False)]}
    assert read.warnings == ["1 image rotated by EXIF, whose labels state no size, taken as displayed: v.jpg"]


def test_a_polygon_that_is_rotated_keeps_its_first_point(labels):
    labels.image("p.jpg", 80, 60, 6)
    shape = {"label": "a", "points": [[40, 30], [10, 30], [10, 20], [40, 20]], "shape_type": "polygon"}
    labels.write("p.json", {"imagePath": "p.jpg", "imageWidth": 80, "imageHeight": 60, "shapes": [shape]})
    assert labels.read("labelme").words["p.jpg"] == [([[30, 40], [30, 10], [40, 10], [40, 40]], "a", False)]


@pytest.mark.parametrize(
    ("points", "expected", "warning"),
    [
        # the shoelace sum of (10,90) (10,105) (60,105) (60,90) is 150 - 5250 - 900 + 4500 < 0: counter-clockwise
        ("10,90,10,105,60,105,60,90", box(10, 90, 60, 105), "1 word counter-clockwise, put in order"),
        ("80,90,130,90,80,105,130,105", box(80, 90, 130, 105), "1 word with crossing edges, put in order"),
        ("60,50,20,50,20,40,60,40", [[60, 50], [20, 50], [20, 40], [60, 40]], None),  # text on its head
        ("148,40,163,40,163,52,148,52", box(148, 40, 160, 52), "1 word with points outside the image, moved onto"),
        ("-5,40,9,40,9,52,-5,52", box(0, 40, 9, 52), "1 word with points outside the image, moved onto"),
        ("10,10,50,10,50,10,30,24", [[10, 10], [30, 10], [50, 10], [30, 24]], "1 word of 3 points, a fourth added"),
        ("10,10,50,10,10,10,50,10", None, "1 word without area, left out"),
        ("161,10,164,10,164,20,161,20", None, "1 word with points outside the image, moved onto"),
    ],
)
def test_order_and_number_of_points_are_put_right_and_counted(labels, points, expected, warning):
    labels.image("a.png", 160, 120)
    labels.write("a.txt", f"{points},left out or not\n0,0,9,0,9,9,0,9,next")
    read = labels.read("icdar2015")
    found = [(expected, "left out or not", False)] if expected else []
    assert read.words["a.png"] == [*found, (box(0, 0, 9, 9), "next", False)]
    assert read.ids["a.png"][0] == "0001"  # words are numbered after leaving out
    assert (read.warnings or [None])[0] == (warning and f"{read.warnings[0].partition(':')[0]}: a.txt, line 1")
    if warning:
        assert read.warnings[0].startswith(warning)


def test_equal_neighbours_and_a_closing_point_go_and_the_first_point_stays(labels):
    labels.image("c.png", 90, 90)
    closed = [[30, 20], [60, 20], [60, 20], [60, 40], [30, 40], [30, 20]]
    labels.write("c.json", {"imagePath": "c.png", "shapes": [{"label": "a", "points": closed}]})
    assert labels.read("labelme").words["c.png"] == [(box(30, 20, 60, 40), "a", False)]


@pytest.mark.parametrize(
    "points", ["-5.5,40,9,40,9,52,-5.5,52", "10,20,700,20,700,34,10,34", "10,20,20,20,20,126,10,126"]
)
def test_more_than_five_pixels_or_two_per_cent_outside_is_a_fault(labels, points):
    labels.image("a.png", 160, 120)
    labels.write("a.txt", f"{points},far\n")
    assert "a.txt, line 1: expected " in labels.fault("icdar2015")


@pytest.mark.parametrize("mark", ["###", " ### ", "Ignore", "ignored", "ILLEGIBLE", "dontcare", "Don't care"])
def test_names_that_mark_ignored_words(labels, mark):
    labels.image("a.png", 160, 120)
    shape = {"label": mark, "points": [[1, 1], [9, 9]], "shape_type": "rectangle"}
    labels.write("a.json", {"imagePath": "a.png", "shapes": [shape, shape | {"label": "difficult"}]})
    assert [word[2] for word in labels.read("labelme").words["a.png"]] == [True, False]
