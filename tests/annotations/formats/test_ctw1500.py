"""CTW1500: points before `####`, or offsets from the corner of a box."""

from tests.annotations.formats.conftest import box

IMAGES = {"1001.png": (200, 100), "1002.png": (200, 100)}


def test_any_number_of_points_stands_before_the_mark(labels):
    curve = [20, 30, 40, 24, 60, 20, 80, 38, 60, 40, 40, 44]
    listed = ",".join(map(str, curve))
    labels.write("0001001.txt", f"{listed},####HELLO, YOU\n{listed},#######\n150,10,190,10,190,24,150,24,####Latin 9\n")
    read = labels.read("ctw1500")
    points = [[x, y] for x, y in zip(curve[::2], curve[1::2], strict=True)]
    assert read.words == {
        "1001.png": [(points, "HELLO, YOU", False), (points, "###", True), (box(150, 10, 190, 24), "Latin 9", False)]
    }
    assert read.warnings == ["1 image without label file, left out: 1002.png"]


def test_the_last_28_of_32_numbers_are_offsets(labels):
    offsets = "0,12,20,6,40,2,60,0,80,2,100,6,120,12,120,32,100,26,80,22,60,20,40,22,20,26,0,32"
    labels.write("1002.txt", f"20,18,140,50,{offsets}")
    labels.write("1001.txt", "")
    read = labels.read("ctw1500")
    ((points, text, ignored),) = read.words["1002.png"]
    assert (points[0], points[3], points[7]) == ([20, 30], [80, 18], [140, 50])  # 20 + 0, 18 + 12; …; 20 + 120, 18 + 32
    assert (len(points), text, ignored) == (14, "", False)
    assert read.warnings == []  # this form has no text that could be missing


def test_an_odd_number_of_coordinates_is_a_fault(labels):
    labels.write("0001001.txt", "150,10,190,10,190,24,150,24,####ok\n150,40,190,40,190,54,150,####odd")
    assert "0001001.txt, line 2: expected an even number of coordinates, got 7" in labels.fault("ctw1500")


def test_a_line_without_the_mark_is_a_fault_and_makes_no_other_format(labels):
    labels.write("1001.txt", "150,10,190,10,190,24,150,24,####ok\n150,40,190,40,190,54,150,54\n")
    assert "1001.txt, line 2: expected points before ####, or 32 numbers, got" in labels.fault("ctw1500")
