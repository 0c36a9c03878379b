"""The data set on disk: its layout, the same bytes every time, and nobody's files harmed."""

import json

import numpy as np
import pytest
from PIL import Image

from synthetic.receipts import DatasetPlan, GeneratedImage, write_dataset
from synthetic.receipts.dataset import annotation

SMALL = DatasetPlan(seed=5, counts=(2, 1, 0), curved=0.5)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("receipts") / "small"
    write_dataset(folder, SMALL)
    return folder


def test_the_layout_is_that_of_the_competition(small):
    files = contents(small)
    assert list(files) == [
        "generated.json",
        "images/train/train_0000.jpg",
        "images/train/train_0001.jpg",
        "images/val/val_0000.jpg",
        "jsons/test.json",
        "jsons/train.json",
        "jsons/val.json",
    ]
    assert len({data for name, data in files.items() if name.endswith(".jpg")}) == 3
    assert json.loads(files["jsons/test.json"]) == {"images": {}}
    for name, entry in json.loads(files["jsons/train.json"])["images"].items():
        with Image.open(small / "images/train" / name) as image:
            assert image.size == (entry["img_w"], entry["img_h"])
        assert all(len(word["points"]) in (4, 14) for word in entry["words"].values())


def test_a_larger_set_changes_none_of_the_earlier_receipts(small, tmp_path):
    write_dataset(tmp_path, DatasetPlan(seed=5, counts=(3, 2, 1), curved=0.5))
    before, after = contents(small), contents(tmp_path)
    assert {name for name in before if name.endswith(".jpg") and before[name] != after[name]} == set()
    first, second = (json.loads(files["jsons/val.json"])["images"]["val_0000.jpg"] for files in (before, after))
    assert first == second


@pytest.mark.parametrize(
    ("curved", "bent"),
    [(0.0, []), (0.25, [3, 7, 11]), (0.15, [6, 13, 19]), (0.5, [1, 3, 5, 7, 9, 11]), (1.0, range(20))],
)
def test_bent_receipts_are_spread_evenly(curved, bent):
    plan = DatasetPlan(seed=0, counts=(0, 0, 0), curved=curved)
    shown = max(bent, default=19) + 1
    # 0.15: 7 * 0.15 = 1.05, 14 * 0.15 = 2.1 and 20 * 0.15 = 3 are where a whole number is reached
    assert [number for number in range(shown) if plan.is_bent(number)] == list(bent)


def test_an_entry_has_points_transcription_and_flag():
    square = np.array([[1, 2], [11.04, 2], [11, 7], [1, 7.25]], np.float32)
    receipt = GeneratedImage(np.zeros((20, 30, 3), np.uint8), [square], ["###"], [True])
    word = {"points": [[1, 2], [11.0, 2], [11, 7], [1, 7.2]], "transcription": "###", "illegibility": True}
    assert annotation(receipt) == {"img_w": 30, "img_h": 20, "words": {"0001": word}}


def test_overwriting_removes_its_own_old_receipts_and_keeps_the_files_of_others(tmp_path):
    write_dataset(tmp_path, DatasetPlan(seed=1, counts=(1, 1, 0)))
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "images/val/mine.jpg").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="is there already: choose another output=, or set overwrite=true"):
        write_dataset(tmp_path, SMALL)
    write_dataset(tmp_path, DatasetPlan(seed=1, counts=(1, 0, 0)), overwrite=True)
    left = contents(tmp_path)
    assert left["README.md"] == left["images/val/mine.jpg"] == b"mine"
    assert "images/val/val_0000.jpg" not in left
    assert json.loads(left["generated.json"])["files"] == [
        "images/train/train_0000.jpg",
        "jsons/test.json",
        "jsons/train.json",
        "jsons/val.json",
    ]


def test_a_stopped_run_can_be_overwritten_and_leaves_no_half_file(small, tmp_path):
    def stop(images, description, total):
        yield images[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dataset(tmp_path, SMALL, track=stop)
    assert list(contents(tmp_path)) == ["generated.json", "images/train/train_0000.jpg"]
    write_dataset(tmp_path, SMALL, overwrite=True)
    assert contents(tmp_path) == contents(small)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "expected seed >= 0, got -1"),
        ({"counts": (1, -1, 0)}, r"expected counts >= 0 .* got \(1, -1, 0\)"),
        ({"curved": 2.0}, r"expected curved in \[0, 1\], got 2.0"),
        ({"quality": (60, 40)}, r"expected quality as low <= high in 1 .. 95, got \(60, 40\)"),
    ],
)
def test_a_plan_that_cannot_be_drawn_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DatasetPlan(**{"seed": 0, "counts": (1, 1, 1), **options})
