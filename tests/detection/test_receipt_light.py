"""The shipped detector gives what it gave when it was shipped."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ocr import Detector
from ocr.starts.naming import WEIGHTS
from tests.commands import ROOT

FOLDER = WEIGHTS / "receipt_light"


@pytest.fixture(scope="module")
def example() -> dict[str, object]:
    return json.loads((FOLDER / "example.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("engine", ["torch", "onnxruntime"])
def test_the_words_of_the_stored_image_are_those_that_were_stored(engine, example):
    pytest.importorskip(engine)
    (words,) = Detector.load(engine=engine, device="cpu")(ROOT / example["image"], order="reading")
    assert len(words) == len(example["words"]) > 20
    for word, stored in zip(words, example["words"], strict=True):
        np.testing.assert_allclose(word.polygon, stored["points"], atol=1.0)
        assert word.score == pytest.approx(stored["score"], abs=0.01)


def test_its_weights_are_small():
    assert (FOLDER / "detector.safetensors").stat().st_size <= 5_000_000
