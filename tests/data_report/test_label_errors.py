"""Labels that a map contradicts."""

import numpy as np
import pytest

from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.data_report.label_errors import first_of_each_kind, rank_label_errors
from ocr.geometry import scaling
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import ImageMap
from tests.small_data import block


def suspects(labels, text, ignore=None, score=1.0):
    """What is suspected where a map of half the size (200 x 100 px) shows text in some boxes of the image."""
    probability = np.zeros((100, 200), np.float32)
    for x, y, width, height in text:
        probability[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2] = score
    ignore = ignore or (False,) * len(labels)
    words = [
        Word(np.array(block(*box), np.float32), flag, name)
        for box, flag, name in zip(labels, ignore, "abc"[: len(labels)], strict=True)
    ]
    image_map = ImageMap(ImageRecord("a.png", 400, 200, scaling(2, 2)), (probability * 255).astype(np.uint8))
    postprocess = DBPostProcess(unclip="ratio", unclip_ratio=0.0)  # what is shown is the word
    return rank_label_errors([image_map], {"a.png": ImageAnnotation("a.png", words=tuple(words))}, postprocess)


WORD, OTHER = (20, 20, 100, 30), (200, 100, 100, 30)


def test_a_label_that_agrees_is_not_suspected():
    assert suspects([WORD], [WORD]) == []


def test_a_label_without_text_names_its_word():
    (found,) = suspects([WORD, OTHER], [WORD])
    assert (found.kind, found.image, found.word, found.suspicion) == ("no text", "a.png", "b", 1.0)


def test_text_without_a_label_is_suspected_by_its_score_but_not_inside_an_ignored_word():
    (first,) = suspects([WORD], [WORD, OTHER], score=0.8)
    assert (first.kind, first.word) == ("no label", None)
    assert first.suspicion == pytest.approx(0.8, abs=0.01)
    np.testing.assert_allclose(first.polygon.min(axis=0), [200, 100], atol=2)
    assert suspects([OTHER], [OTHER], ignore=(True,)) == []


def test_a_label_beside_its_text_is_misplaced():
    # moved by half its height: 15 of 45 rows in common, IoU 1/3
    (found,) = suspects([(20, 35, 100, 30)], [WORD])
    assert found.kind == "misplaced"
    assert found.suspicion == pytest.approx(2 / 3, abs=0.05)
    assert found.to_dict()["polygon"][0] == [20.0, 35.0]


def test_the_worst_of_each_kind_are_shown_kind_after_kind():
    found = suspects([WORD, (20, 150, 100, 30), (200, 20, 60, 30)], [WORD, OTHER, (320, 20, 60, 30)], score=0.9)
    assert [one.kind for one in found] == ["no text", "no text", "no label", "no label"]
    assert [one.kind for one in first_of_each_kind(found, 1)] == ["no text", "no label"]


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([WORD], [(20, 20, 45, 30), (75, 20, 45, 30)]),  # IoU 0.45 with each half
        ([(20, 20, 30, 30), (56, 20, 140, 30), (202, 20, 138, 30)], [(20, 20, 320, 30)]),  # 30/320 with the first
    ],
)
def test_splits_and_merges_are_the_detectors_errors_and_not_the_labels(labels, text):
    assert suspects(labels, text) == []


def test_a_label_outside_of_the_map_shows_no_text():
    (found,) = suspects([(500, 20, 30, 30)], [])
    assert (found.kind, found.suspicion) == ("no text", 1.0)
