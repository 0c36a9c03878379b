"""What travels to a bare machine: smaller receipts with their labels, wheels, and no more than the limit."""

import json

import cv2
import numpy as np
import pytest

from benchmarks.accelerator import main
from benchmarks.reference_run import packing
from benchmarks.reference_run.machine import MIB, SOURCES, WHEELS, pinned
from benchmarks.reference_run.packing import folder_bytes, pack, tree_bytes
from ocr.annotations.reading import read_annotations
from tests.small_data import block, write_split


@pytest.fixture
def receipts(tmp_path):
    root = tmp_path / "data"
    words = [block(20, 40, 200, 60), block(20, 140, 100, 20)]
    write_split(root, "train", {"large.png": (400, 800, words)}, ignored=[("large.png", 1)])
    write_split(root, "val", {"small.png": (120, 160, [block(10, 10, 60, 20)])})
    return root


@pytest.fixture
def packed(receipts, tmp_path):
    pack(tmp_path / "pack", receipts, long_side=200, quality=90, wheels=False)
    return tmp_path / "pack" / "receipts"


def test_images_and_labels_shrink_together(packed):
    """800 px become 200: a quarter."""
    assert cv2.imread(str(packed / "images" / "train" / "large.jpg")).shape == (200, 100, 3)
    annotation = read_annotations(packed / "jsons" / "train.json")["large.jpg"]
    assert (annotation.width, annotation.height) == (100, 200)
    assert annotation.polygons[0].tolist() == [[5, 10], [55, 10], [55, 25], [5, 25]]
    assert annotation.ignore == (False, True)
    pixels = cv2.imread(str(packed / "images" / "train" / "large.jpg"))[..., ::-1]
    np.testing.assert_allclose(pixels[150, 80], (235, 230, 220), atol=6)  # paper, as `small_data.draw` paints it
    assert cv2.imread(str(packed / "images" / "val" / "small.jpg")).shape == (160, 120, 3)  # not enlarged
    assert read_annotations(packed / "jsons" / "val.json")["small.jpg"].polygons[0][0].tolist() == [10, 10]
    facts = json.loads((packed / "pack.json").read_text())
    assert facts["long_side"] == 200
    assert facts["images"] == {"train": 1, "val": 1}
    assert len(facts["commit"].removesuffix("+changes")) == 40


def test_the_sum_is_printed_and_more_than_the_limit_refused_which_leaves_nothing(
    receipts, tmp_path, monkeypatch, capsys
):
    arguments = ["--output", str(tmp_path / "small"), "--receipts", str(receipts), "--no-wheels"]
    assert main(["pack", *arguments]) == 0
    assert "MiB: tree " in capsys.readouterr().out
    monkeypatch.setattr(packing, "LIMIT", 1 * MIB)
    arguments[1] = str(tmp_path / "pack")
    assert main(["pack", *arguments]) == 2
    assert "expected at most 1 MiB to travel, got" in capsys.readouterr().err
    assert not (tmp_path / "pack").exists()


def test_a_folder_that_holds_files_is_refused(receipts, tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="expected --output to be an empty or new folder"):
        pack(tmp_path / "pack", receipts, long_side=200, quality=90, wheels=False)


def test_shipped_weights_and_the_pack_itself_are_no_part_of_the_tree(tmp_path):
    for name, size in {"code.py": 10, "weights/resnet18/part-01.bin": 1000, "pack/a.jpg": 500, "lost.log": 7}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    (tmp_path / ".gitignore").write_text("*.log\n")
    packing._git("init", "--quiet", cwd=tmp_path)
    assert folder_bytes(tmp_path / "pack") == 500
    assert tree_bytes(tmp_path, without=tmp_path / "pack") == 10 + len("*.log\n")


def test_every_wheel_is_pinned_as_the_tests_run_with_it():
    assert len(pinned([*WHEELS, *SOURCES])) == len(WHEELS) + len(SOURCES)
    with pytest.raises(ValueError, match=r"expected a pin of nothing-like-this in requirements\.txt"):
        pinned(["nothing-like-this"])
