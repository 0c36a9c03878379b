"""The leaderboard's CSV, written and read."""

import csv
import logging
import time

import numpy as np
import pytest

from ocr.submission.leaderboard import SubmissionError, read_submission, to_integer_polygon, write_submission


def polygon(*points):
    return np.array(points, dtype=np.float32)


QUAD = polygon((10, 20), (50, 20), (50, 40), (10, 40))


def written(folder, polygons, filenames=("a.jpg",), size=(100, 80)):
    path = folder / "submission.csv"
    write_submission(path, filenames, polygons, dict.fromkeys(filenames, size))
    return path.read_bytes().decode("utf-8")


def test_one_row_for_every_image_in_the_given_order_is_written_and_read_back(tmp_path):
    text = written(tmp_path, {"a.jpg": [QUAD, QUAD + 1], "c.jpg": []}, filenames=("c.jpg", "a.jpg", "b.jpg"))
    assert text == "filename,polygons\nc.jpg,\na.jpg,10 20 50 20 50 40 10 40|11 21 51 21 51 41 11 41\nb.jpg,\n"
    result = read_submission(tmp_path / "submission.csv")
    assert list(result) == ["c.jpg", "a.jpg", "b.jpg"]
    assert result["b.jpg"] == []
    assert [found.dtype for found in result["a.jpg"]] == [np.float32, np.float32]
    np.testing.assert_array_equal(result["a.jpg"], [QUAD, QUAD + 1])
    assert written(tmp_path, {}, filenames=()) == "filename,polygons\n"


def test_file_names_with_commas_and_quotes_survive(tmp_path):
    name = 'a, "b".jpg'
    text = written(tmp_path, {name: [QUAD]}, filenames=(name,))
    assert text.splitlines()[1] == '"a, ""b"".jpg",10 20 50 20 50 40 10 40'
    assert list(read_submission(tmp_path / "submission.csv")) == [name]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        # rounded to the nearest integer
        ([(10.4, 20.6), (50.6, 20.4), (50.4, 40.4), (9.6, 39.6)], [(10, 21), (51, 20), (50, 40), (10, 40)]),
        # 100 x 80: the border x = 100 is no pixel, the last one is 99
        ([(0, 0), (100, 0), (100, 80), (0, 80)], [(0, 0), (99, 0), (99, 79), (0, 79)]),
        # the slanted right edge from (90, 0) to (110, 40) meets x = 100 at y = 20
        ([(50, 0), (90, 0), (110, 40), (50, 40)], [(50, 0), (90, 0), (99, 20), (99, 40), (50, 40)]),
        # the slanted lower edge from (0, 70) to (40, 110) meets y = 80 at x = 10
        ([(0, 50), (40, 50), (40, 110), (0, 70)], [(0, 50), (40, 50), (40, 79), (10, 79), (0, 70)]),
        # points that fall together are written once
        (
            [(10, 20), (10.2, 20.1), (50, 20), (50.2, 20.1), (50, 40), (10, 40), (9.9, 20.2)],
            [(10, 20), (50, 20), (50, 40), (10, 40)],
        ),
        # a triangle gets a fourth point on its longest edge
        ([(10, 10), (50, 10), (50, 40)], [(10, 10), (50, 10), (50, 40), (30, 25)]),
    ],
)
def test_a_polygon_is_rounded_and_cut_at_the_border(points, expected):
    result = [tuple(point) for point in to_integer_polygon(polygon(*points), 100, 80).tolist()]
    start = result.index(expected[0])
    assert result[start:] + result[:start] == expected


@pytest.mark.parametrize(
    "points",
    [
        [(210, 220), (250, 220), (250, 240), (210, 240)],  # outside
        # 0.4 px high: all four points round to y = 20; a collinear polygon would cost 100 characters
        [(10, 20), (50, 20), (50, 20.4), (10, 20.4)],
        [(10, 10), (20, 20), (30, 30), (40, 40)],
        [(10.1, 10.1), (10.3, 10.1), (10.3, 10.3), (10.1, 10.3)],
        # there and back over (30, 20): four points, none equal to its neighbour
        [(10, 20), (30, 20), (50, 20), (50, 20.4), (30, 20.4), (10, 20.4)],
        # the middle of (11, 11) and (10, 10) is rounded to (10, 10), which is there already
        [(10, 10), (11, 10), (11, 11)],
    ],
)
def test_a_polygon_without_area_in_whole_pixels_is_left_out(tmp_path, points):
    assert to_integer_polygon(polygon(*points), 100, 80) is None
    text = written(tmp_path, {"a.jpg": [polygon(*points), QUAD]})
    assert text.splitlines()[1] == "a.jpg,10 20 50 20 50 40 10 40"


def test_the_first_500_polygons_with_an_area_are_kept(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    flat = polygon((10, 20), (50, 20), (50, 20), (10, 20))
    many = [flat] + [polygon((x, 0), (x + 9, 0), (x + 9, 9), (x, 9)) for x in range(600)]
    row = written(tmp_path, {"a.jpg": many}, size=(1000, 80)).splitlines()[1]
    kept = row.split(",")[1].split("|")
    assert len(kept) == 500
    assert kept[0].startswith("0 0 ")
    assert kept[-1].startswith("499 0 ")
    assert "a.jpg: left out 1 polygons without area in whole pixels" in caplog.text
    assert "a.jpg: kept the best 500 of 600 polygons" in caplog.text
    caplog.clear()
    assert written(tmp_path, {"a.jpg": [QUAD] * 500}).count("|") == 499
    assert caplog.text == ""


def test_names_that_do_not_fit_are_refused_and_no_file_is_made(tmp_path):
    path = tmp_path / "s.csv"
    with pytest.raises(ValueError, match=r"expected each file name once, got \['a.jpg'\] again"):
        write_submission(path, ["a.jpg", "b.jpg", "a.jpg"], {}, {})
    with pytest.raises(ValueError, match=r"of the 1 listed images only, got some of \['A.jpg'\]"):
        write_submission(path, ["a.jpg"], {"A.jpg": [QUAD]}, {"a.jpg": (100, 80)})
    with pytest.raises(ValueError, match=r"expected the size of each image with polygons, got none for \['a.jpg'\]"):
        write_submission(path, ["a.jpg", "b.jpg"], {"a.jpg": [QUAD], "b.jpg": []}, {})
    assert not path.exists()


def test_windows_files_and_decimal_numbers_are_read(tmp_path):
    (tmp_path / "s.csv").write_bytes(b"\xef\xbb\xbffilename,polygons\r\na.jpg,0.5 0 9 0 9 9 0 9\r\n\r\n")
    np.testing.assert_array_equal(read_submission(tmp_path / "s.csv")["a.jpg"], [[[0.5, 0], [9, 0], [9, 9], [0, 9]]])


def test_polygons_that_the_leaderboard_skips_are_skipped_with_a_warning(tmp_path, caplog):
    (tmp_path / "s.csv").write_text("filename,polygons\na.jpg,0 0 9 0 9 9|0 0 9 0 9 9 0 9 5|0 0 8 0 8 8 0 8\n")
    result = read_submission(tmp_path / "s.csv")
    np.testing.assert_array_equal(result["a.jpg"], [[[0, 0], [8, 0], [8, 8], [0, 8]]])
    assert "skipped 2 polygons" in caplog.text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", r"expected the header filename,polygons, got no row"),
        ("a.jpg,\n", r"expected the header filename,polygons, got \['a.jpg', ''\]"),
        ("filename,polygons\na.jpg,\na.jpg,\n", r"row 3: expected each file name once, got 'a.jpg' again"),
        ("filename,polygons\na,b.jpg,\n", r"row 2: expected 2 columns, got 3"),
        ("filename,polygons\na.jpg,0 0 9 x 9 9 0 9\n", r"row 2, 'a.jpg': could not convert"),
        ('filename,polygons\na.jpg,"0 0\n', r"expected CSV, got an error at line 2"),
        (
            f"filename,polygons\na.jpg,{'1 2 ' * 2000}3 4\n",
            r"row 2, 'a\.jpg': expected at most 1000 points, got more in '1 2",
        ),
        *(
            (
                f"filename,polygons\na.jpg,0 0 9 {number} 9 9 0 9\n",
                "'a.jpg': expected finite coordinates of at most 1e7 px",
            )
            for number in ("1e30", "-1.1e7", "1e400", "-inf", "nan")
        ),
        *(
            (f"filename,polygons\n{name},\n", "row 2: expected a file name below the image folder, got")
            for name in ("/etc/x.jpg", "../x.jpg", "a\0b.jpg", "é" * 200)
        ),
    ],
)
def test_a_csv_that_does_not_hold_is_named_with_its_row(tmp_path, text, fault):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(SubmissionError, match=rf"(?s)s\.csv: .*{fault}"):
        read_submission(tmp_path / "s.csv")


def test_missing_files_and_other_encodings_are_named(tmp_path):
    with pytest.raises(SubmissionError, match=r"s\.csv: expected a readable CSV, got No such file"):
        read_submission(tmp_path / "s.csv")
    (tmp_path / "s.csv").write_bytes("filename,polygons\n".encode("utf-16"))
    with pytest.raises(SubmissionError, match=r"s\.csv: expected UTF-8 text"):
        read_submission(tmp_path / "s.csv")


def test_of_a_row_of_millions_of_polygons_the_first_500_are_read_and_the_csv_modules_limit_stays(tmp_path, caplog):
    """Ten megabytes: the leaderboard scores 500 polygons of an image too."""
    field, limit, path = "|".join(["0 0 9 0 9 9 0 9"] * 650_000), csv.field_size_limit(), tmp_path / "s.csv"
    assert len(field) > limit
    path.write_text(f"filename,polygons\na.jpg,{field}\n")
    started = time.perf_counter()
    assert len(read_submission(path)["a.jpg"]) == 500
    assert time.perf_counter() - started < 5.0
    assert csv.field_size_limit() == limit
    assert "1 images have more than 500 polygons: the first ones count" in caplog.text
