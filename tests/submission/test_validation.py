"""The checks before a CSV is submitted."""

import re
import time
import unicodedata

import numpy as np
import pytest

from ocr.submission.leaderboard import write_submission
from ocr.submission.validation import find_oddities, validate_submission

GOOD = "0 0 9 0 9 9 0 9"
NAMES = ["b.jpg", "a.jpg", "c.jpg"]
SIZES = dict.fromkeys(NAMES, (100, 80))


def faults(folder, *rows, header="filename,polygons", names=NAMES, sizes=SIZES):
    path = folder / "s.csv"
    path.write_text("".join(f"{line}\n" for line in (header, *rows)), encoding="utf-8", newline="")
    return validate_submission(path, names, sizes)


def faults_of_field(folder, field, sizes=SIZES):
    return faults(folder, f"b.jpg,{field}", "a.jpg,", f"c.jpg,{GOOD}", sizes=sizes)


def test_a_good_file_has_no_fault(tmp_path):
    assert faults(tmp_path, f"b.jpg,{GOOD}|1 1 99 1 99 79 1 79 1 40", "a.jpg,", f"c.jpg,{GOOD}") == []
    (tmp_path / "s.csv").write_bytes(f"filename,polygons\r\na.jpg,{GOOD}\r\n".encode())  # as Windows ends lines
    assert validate_submission(tmp_path / "s.csv", ["a.jpg"]) == []


def test_a_file_without_any_polygon_is_a_fault_also_of_one_image(tmp_path):
    (fault,) = faults(tmp_path, "b.jpg,", "a.jpg,", "c.jpg,")
    assert fault.startswith("expected polygons, got none in any of the 3 rows: predict again, with a lower models.head")
    (fault,) = faults(tmp_path, "b.jpg,", names=["b.jpg"])
    assert "none in any of the 1 rows" in fault


HEADER = "row 1: expected the header filename,polygons, got "


@pytest.mark.parametrize(
    ("rows", "fault"),
    [  # of the images b, a, c
        ("filename,polygons b.jpg, c.jpg,", "expected a row for each image, got none for missing image 'a.jpg'"),
        (
            "filename,polygons b.jpg, a.jpg, x.jpg, c.jpg,",
            "row 4: expected an image of the annotation file, got unknown image 'x.jpg'",
        ),
        (
            "filename,polygons b.jpg, a.jpg, b.jpg, c.jpg,",
            "row 4: expected each image once, got 'b.jpg' again (first in row 2)",
        ),
        (
            "filename,polygons b.jpg, c.jpg, a.jpg,",
            "row 3: expected the order of the annotation file with 'a.jpg' here, got 'c.jpg'",
        ),
        ("filename,polygons b.jpg,  a.jpg, c.jpg,", "row 3: expected 2 columns, got a blank line"),
        ("image,boxes b.jpg, a.jpg, c.jpg,", f"{HEADER}'image,boxes'"),
        ("b.jpg, a.jpg, c.jpg,", f"{HEADER}'b.jpg,'"),  # a missing header does not hide the first image
    ],
)
def test_a_faulty_row_is_named_with_its_place(tmp_path, rows, fault):
    header, *others = rows.replace("c.jpg,", "c.jpg,GOOD").split(" ")
    assert faults(tmp_path, *(row.replace("GOOD", GOOD) for row in others), header=header) == [fault]


def test_a_missing_image_does_not_spoil_the_order_of_the_others(tmp_path):
    assert len(faults(tmp_path, f"a.jpg,{GOOD}", "c.jpg,")) == 1
    assert len(faults(tmp_path, "c.jpg,", f"a.jpg,{GOOD}")) == 2


def test_what_write_submission_writes_has_no_fault(tmp_path):
    generator = np.random.default_rng(0)
    polygons = {
        name: [(generator.random((5, 2)) * 130 - 10).astype(np.float32) for _ in range(700)] for name in NAMES[:2]
    }
    write_submission(tmp_path / "s.csv", NAMES, polygons, SIZES)
    assert validate_submission(tmp_path / "s.csv", NAMES, SIZES) == []


def test_a_comma_in_a_bare_file_name_is_explained(tmp_path):
    first, second = faults(tmp_path, f"a,1.jpg,{GOOD}", names=["a,1.jpg"])
    assert first == "row 2: expected 2 columns, got 3 columns; quote file names that hold a comma"
    assert "missing image 'a,1.jpg'" in second
    assert faults(tmp_path, f'"a,1.jpg",{GOOD}', names=["a,1.jpg"]) == []


def test_501_polygons_and_1001_points_are_too_many(tmp_path):
    assert faults_of_field(tmp_path, "|".join([GOOD] * 500)) == []
    started = time.perf_counter()
    for count in (501, 650_000):  # of millions of polygons there is one fault
        (fault,) = faults_of_field(tmp_path, "|".join([GOOD] * count))
        assert fault == f"row 2, 'b.jpg': expected at most 500 polygons, got {count}"
    assert time.perf_counter() - started < 5.0
    (fault,) = faults_of_field(tmp_path, " ".join(["1 2"] * 100_000))
    assert fault == "row 2, 'b.jpg': polygon 1: expected at most 1000 points, got 100000"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0 0 9 0 9 9", "expected at least 4 points, got 3"),
        ("0 0 9 0 9 9 0 9 5", "expected an even number of coordinates, got 9 (an odd number)"),
        ("0 0 9 0 9 9.5 0 9", "expected integers between single spaces, got '9.5'"),
        ("0 0 9 0 9 1e1 0 9", "expected integers between single spaces, got '1e1'"),
        ("0 0  9 0 9 9 0 9", "expected integers between single spaces, got ''"),
        (" 0 0 9 0 9 9 0 9", "expected integers between single spaces, got ''"),
        ("0 0 9 0 9 1_0 0 9", "expected integers between single spaces, got '1_0'"),
        ("", "expected integers between single spaces, got ''"),
        ("0 0 100 0 9 9 0 9", "x in 0..99 and y in 0..79, got (100, 0) outside"),
        ("0 0 99 0 9 80 0 9", "x in 0..99 and y in 0..79, got (9, 80) outside"),
        ("0 0 9 -1 9 9 0 9", "got (9, -1) outside"),
        ("0 0 9 9 18 18 27 27", "points that are collinear (this costs 100 characters)"),
        ("5 0 5 9 5 18 5 27", "points that are collinear"),
        ("5 5 5 5 5 5 5 5", "points that are collinear"),
    ],
)
def test_a_faulty_polygon_is_named_with_its_row_and_place(tmp_path, text, fault):
    (found,) = faults_of_field(tmp_path, f"{GOOD}|{text}")
    assert re.match(r"row 2, 'b\.jpg': polygon 2: expected ", found)
    assert fault in found


def test_without_sizes_only_negative_coordinates_are_outside(tmp_path):
    assert faults_of_field(tmp_path, "0 0 9999 0 9999 9 0 9", sizes=None) == []
    (fault,) = faults_of_field(tmp_path, "0 0 9999 0 9999 9 -1 9", sizes=None)
    assert "got (-1, 9) outside" in fault


def test_a_polygon_that_crosses_itself_is_a_warning_only(tmp_path, caplog):
    assert faults_of_field(tmp_path, "0 0 9 9 9 0 0 9") == []
    assert "row 2, 'b.jpg': polygon 1 crosses or touches itself" in caplog.text


def test_several_faults_are_all_named(tmp_path):
    found = faults(tmp_path, "x.jpg,0 0 9 0 9 9|1", "c.jpg,", "a.jpg,", header="filename;polygons")
    assert [fault.split(":")[0] for fault in found] == [
        "row 1",
        "row 2",
        "row 2, 'x.jpg'",
        "row 2, 'x.jpg'",
        "expected a row for each image, got none for missing image 'b.jpg'",
        "row 3",
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_named(tmp_path, content):
    (tmp_path / "s.csv").write_bytes(content)
    (fault,) = validate_submission(tmp_path / "s.csv", NAMES)
    assert fault.endswith("expected the header filename,polygons and 3 rows, got an empty file")


def test_other_encodings_and_unreadable_files_are_named(tmp_path):
    path = tmp_path / "s.csv"
    (fault,) = validate_submission(path, NAMES)
    assert "s.csv: expected a readable CSV, got No such file" in fault
    path.write_bytes("filename,polygons\n".encode("utf-16"))
    (fault,) = validate_submission(path, NAMES)
    assert "s.csv: expected UTF-8 text" in fault
    path.write_bytes(f"\ufefffilename,polygons\na.jpg,{GOOD}\n".encode())
    (fault,) = validate_submission(path, ["a.jpg"])
    assert fault.startswith("row 1: expected UTF-8 without a byte order mark")
    path.write_bytes(b'filename,polygons\na.jpg,"0 0\n')
    (fault,) = validate_submission(path, ["a.jpg"])
    assert "expected CSV, got an error at line 2" in fault


def test_names_that_only_look_like_the_annotated_ones_are_one_fault(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "영수증_é") for form in ("NFC", "NFD"))
    (fault,) = faults(tmp_path, f"{decomposed}1,", f"{decomposed}2,{GOOD}", names=[f"{composed}1", f"{composed}2"])
    assert fault.startswith("expected names in the Unicode form of the annotation file, got 2 that only look like it")


def square(right, bottom):
    return np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], dtype=np.float32)


@pytest.mark.parametrize(
    ("corners", "sizes", "is_odd"),
    [  # right and lower ends in images of 100 x 80 px
        ([(50, 40), (20, 10), (9, 40)], SIZES, True),
        ([(50, 40), (20, 10), (9, 41)], SIZES, False),
        ([(50, 40), (20, 10)], SIZES, False),  # two images may be so by chance
        ([(50, 40), (20, 10), (9, 40)], {"b.jpg": (100, 80)}, False),  # not known of all
    ],
)
def test_polygons_that_all_end_within_half_the_image_are_odd(corners, sizes, is_odd):
    found = {name: [square(*corner)] for name, corner in zip(NAMES, corners, strict=False)}
    odd = find_oddities(found | {"empty.jpg": []}, sizes)
    assert [oddity.partition(":")[0] for oddity in odd] == [
        "all polygons of 3 images end within half the width and height"
    ] * is_odd


def test_polygons_that_repeat_one_of_their_row_are_counted():
    one, other = square(99, 79), square(98, 79)
    assert find_oddities({"b.jpg": [one, other], "a.jpg": [one]}) == []
    (odd,) = find_oddities({"b.jpg": [one, other], "a.jpg": [one, other, one, one], "c.jpg": [other, other]})
    assert odd == "3 polygons repeat one of the same row, in 2 rows such as that of 'a.jpg': keep one of each"
