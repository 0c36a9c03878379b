"""A data set of generated slices on the disk."""

import csv

import cv2
import numpy as np
import pytest

from baseline_code.datasets import FolderSource
from synthetic.slices import SlicesPlan, generate_slice, write_slices
from tests.synthetic.receipts.test_dataset import contents

PLAN = SlicesPlan(seed=5, counts=(8, 4, 2), size=64)


def rows(folder):
    with (folder / "slices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_defects_are_spread_evenly_and_their_kinds_take_turns():
    train = [one.defect for one in PLAN.slices() if one.split == "train"]
    assert train == [None, "crack", None, "inclusion", None, "deformation", None, "crack"]
    rare = [one.defect for one in SlicesPlan(0, (20, 0, 0), defects=0.15).slices()]
    assert [number for number, defect in enumerate(rare) if defect] == [6, 13, 19]  # 7, 14, 20 x 0.15 reach 1, 2, 3
    assert {one.defect for one in SlicesPlan(0, (4, 0, 0), defects=0.0).slices()} == {None}


def test_no_two_slices_share_a_number_and_more_slices_change_none():
    few, many = PLAN.slices(), SlicesPlan(seed=5, counts=(20, 9, 9), size=64).slices()
    assert len({one.seeded for one in few}) == len(few) == 14
    assert set(few) < set(many)


def test_a_data_set_is_a_folder_per_class_with_a_table_of_the_defects(tmp_path):
    tracked = []
    write_slices(tmp_path / "set", PLAN, track=lambda slices, what, total: tracked.append((what, total)) or slices)
    train, val, test = FolderSource(tmp_path / "set", classes=["normal", "defect"]).load()
    assert (tracked, len(train), len(val), len(test)) == ([("slices", 14)], 8, 4, 2)
    assert train.labels.sum() == 4
    table = rows(tmp_path / "set")
    assert {row["file"] for row in table} == {*train.names, *val.names, *test.names}
    assert [row["defect"] for row in table[:4]] == ["", "crack", "", "inclusion"]
    assert all(("/defect/" in row["file"]) == bool(row["defect"]) for row in table)
    stored = cv2.imread(str(tmp_path / "set" / table[3]["file"]), cv2.IMREAD_UNCHANGED)
    drawn = generate_slice(5, 9, size=64, defect="inclusion")  # the fourth of train: 3 x 3 + 0
    np.testing.assert_array_equal(stored, drawn.image)
    assert tuple(int(table[3][edge]) for edge in ("left", "top", "right", "bottom")) == drawn.box
    assert "Not real data" in (tmp_path / "set" / "README.md").read_text()


def test_the_same_plan_gives_the_same_bytes_and_a_smaller_one_removes_its_own(tmp_path):
    for name in "ab":
        write_slices(tmp_path / name, PLAN)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    (tmp_path / "a/train/normal/mine.png").write_text("mine")
    small = SlicesPlan(seed=5, counts=(4, 2, 2), size=64)
    with pytest.raises(FileExistsError, match="is there already: choose another output=, or set overwrite=true"):
        write_slices(tmp_path / "a", small)
    write_slices(tmp_path / "a", small, overwrite=True)
    write_slices(tmp_path / "c", small)
    after = contents(tmp_path / "a")
    assert after.pop("train/normal/mine.png") == b"mine"
    assert after == contents(tmp_path / "c")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": -1}, "expected seed >= 0, got -1"),
        ({"counts": (1, -1, 0)}, r"expected train, val and test >= 0, got \(1, -1, 0\)"),
        ({"size": 63}, "expected size >= 64, got 63"),
        ({"defects": 1.5}, r"expected defects in \[0, 1\], got 1.5"),
        ({"growth": 5.0}, r"expected growth of defects in \[0.5, 4\], got 5.0"),
    ],
)
def test_plans_that_cannot_be_drawn_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SlicesPlan(**{"seed": 0, "counts": (1, 1, 1)} | changes)
