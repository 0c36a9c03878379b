"""Scores of detectors side by side."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from benchmarks.peers_accuracy import Image, LabelledImages, Peer, best_ratio, detect, measure, with_ratio
from ocr.annotations.words import ImageAnnotation, Word
from ocr.geometry.polygons import Polygon

LEFT, TOP, WIDTH, HEIGHT = 20.0, 30.0, 40.0, 10.0


@pytest.fixture
def data(tmp_path: Path) -> LabelledImages:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((80, 100, 3), 255, np.uint8))
    return LabelledImages([ImageAnnotation("a.png", 100, 80, (Word(_box(0.0)),))], [tmp_path])


def _box(grown: float) -> Polygon:
    left, top, right, bottom = LEFT - grown, TOP - grown, LEFT + WIDTH + grown, TOP + HEIGHT + grown
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def test_a_word_that_is_found_and_one_that_is_not_there_are_counted(data: LabelledImages, tmp_path: Path) -> None:
    weights = tmp_path / "weights.onnx"
    weights.write_bytes(b"x" * 2_500_000)
    peer = Peer("both", lambda image: [_box(0.0), _box(0.0) + np.float32([0, 40])], weights)
    (found,), (seconds,) = detect([peer], data)
    row = measure(peer, found, seconds, data)
    assert (row["IoU H"], row["IoU P"], row["IoU R"]) == (pytest.approx(2 / 3), 0.5, 1.0)
    assert row["mean IoU"] == pytest.approx(1.0)
    assert row["false"] == 1
    assert row["MB"] == 2.5


def test_the_ratio_whose_boxes_are_the_labels_is_chosen(data: LabelledImages, tmp_path: Path) -> None:
    settings = SimpleNamespace(unclip_ratio=1.5)

    def grow(image: Image) -> list[Polygon]:
        return [_box(100 * abs(settings.unclip_ratio - 1.8))]

    peer = Peer("grows", grow, tmp_path, settings)
    assert best_ratio(peer, data) == 1.8
    found, _ = detect([with_ratio(peer, 1.8), peer], data)
    assert [round(float(one["a.png"][0][0, 0]), 3) for one in found] == [LEFT, LEFT - 30.0]
