"""Polygons of any number of points in ICDAR's manner."""

from tests.annotations.formats.conftest import box

CURVE = "10,20,30,12,60,20,60,34,30,26,10,34"


def test_all_pairs_of_numbers_are_points_and_an_odd_number_is_text(labels):
    labels.image("c.png", 120, 90)
    labels.write("c.txt", f"{CURVE},bent, twice\n70,10,110,10,110,24,70,24,2024\n{CURVE},###\n")
    read = labels.read("icdar_polygons")
    points = [[10, 20], [30, 12], [60, 20], [60, 34], [30, 26], [10, 34]]
    assert read.words["c.png"] == [
        (points, "bent, twice", False),
        (box(70, 10, 110, 24), "2024", False),
        (points, "###", True),
    ]
