"""`runners/validate.py`: what it says of a CSV beside its labels and images."""

import json

import pytest

from tests.commands import output, run
from tests.small_data import block, write_split

NAMES = ("a.png", "b.png", "c.png")


@pytest.fixture
def data(tmp_path):
    """Three images of 100 x 80 px, whose labels do not state that."""
    write_split(tmp_path, "test", dict.fromkeys(NAMES, (100, 80, [])))
    path = tmp_path / "jsons/test.json"
    path.write_text(json.dumps({"images": {name: {"words": {}} for name in NAMES}}))
    return tmp_path


def validate(data, *fields):
    """The command's result for a CSV with these polygons."""
    rows = (f"{name},{field}\n" for name, field in zip(NAMES, fields, strict=True))
    (data / "s.csv").write_text("filename,polygons\n" + "".join(rows))
    return run("validate", f"submission={data / 's.csv'}", f"annotations={data / 'jsons/test.json'}")


def field(*polygons):
    return "|".join(" ".join(str(value) for point in block(*polygon) for value in point) for polygon in polygons)


def test_sizes_that_labels_do_not_state_are_read_from_the_images_and_totals_are_said(data):
    good = validate(data, field((0, 0, 99, 79), (1, 1, 9, 9)), "", field((1, 1, 9, 9)))
    assert good.returncode == 0
    assert "s.csv: valid, 3 images, 3 polygons, 1 images without one" in output(good)
    assert "WARNING" not in output(good)
    bad = validate(data, field((0, 0, 100, 79)), "", "")
    assert bad.returncode == 1
    assert "expected points inside the image, x in 0..99 and y in 0..79, got (100, 0) outside" in output(bad)


def test_sizes_that_nothing_states_and_odd_polygons_are_warned_of(data):
    (data / "images/test/b.png").unlink()
    (data / "images/test/c.png").write_bytes(b"no image")
    repeated = validate(data, field((0, 0, 99, 79), (0, 0, 99, 79)), "", field((1, 1, 999, 9)))
    assert repeated.returncode == 0
    assert "test.json: the size of 2 of 3 images is not known" in output(repeated)
    assert "s.csv: 1 polygons repeat one of the same row" in output(repeated)


def test_a_submission_without_any_polygon_is_refused(data):
    empty = validate(data, "", "", "")
    assert empty.returncode == 1
    assert "s.csv: expected polygons, got none in any of the 3 rows" in output(empty)
