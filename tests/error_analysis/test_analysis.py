"""The errors of a data set: counts, places, and what each kind costs."""

import json

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.error_analysis import analyse_errors
from ocr.metrics import Evaluator
from ocr.visualization.errors import advice, print_errors
from tests.oracles.polygons import box
from tests.visualization.printing import printed

WORDS = [box(0, top, 100, top + 20) for top in (0, 100, 200)]
LINE = box(0, 0, 210, 20)
RIGHT = box(110, 0, 210, 20)


def labelled(name, *words, ignored=()):
    return ImageAnnotation(name, 300, 300, tuple(Word(word, i in ignored, f"{i:04d}") for i, word in enumerate(words)))


def analysed(images, **options):
    """Errors of (annotation, detections)."""
    evaluator = Evaluator()
    for label, found in images:
        evaluator.update(label.filename, label.polygons, label.ignore, found)
    detections = {label.filename: found for label, found in images}
    return analyse_errors([label for label, _ in images], detections, evaluator.compute(), **options)


@pytest.fixture
def errors():
    """Of seven words two are merged, one is not found and three are; of five detections one is background."""
    merged = labelled("merged.jpg", WORDS[0], RIGHT)
    other = labelled("other.jpg", *WORDS, RIGHT, ignored={3})
    return analysed(
        [(merged, [LINE]), (other, [WORDS[0], WORDS[1], box(200, 200, 300, 220), RIGHT])],
        splits={"merged.jpg": "train", "other.jpg": "val"},
    )


def test_counts_are_those_of_the_metric_by_kind(errors):
    assert (errors.words, errors.detections) == (5, 4)  # without the ignored word, and what lies on it
    assert errors.missed == {"none": 1, "merged": 2, "split": 0, "loose": 0}
    assert errors.false == {"merged": 1, "split": 0, "loose": 0, "piece": 0, "ignored": 0, "background": 1}


def test_what_a_kind_costs_is_scored_with_that_kind_repaired(errors):
    def iou(matched, words, found):
        return 2 * matched / (words + found)

    assert errors.hmeans.iou == pytest.approx(iou(2, 5, 4))
    assert list(errors.solved) == ["none", "merged", "background"]
    assert errors.solved["none"].iou == pytest.approx(iou(3, 5, 5))
    assert errors.solved["merged"].iou == pytest.approx(iou(4, 5, 5))  # two words for one detection
    assert errors.solved["background"].iou == pytest.approx(iou(2, 5, 3))
    # CLEval: five characters each. other.jpg has P 10 / 15 and R 10 / 15; without background P 1; with the word R 1.
    other = 2 / 3
    merged = errors.hmeans.cleval * 2 - other
    assert errors.solved["merged"].cleval == pytest.approx((1 + other) / 2)
    assert errors.solved["background"].cleval == pytest.approx((merged + 0.8) / 2)  # P 1, R 2 / 3
    assert errors.solved["none"].cleval == pytest.approx((merged + 6 / 7) / 2)  # P 15 / 20, R 1


@pytest.mark.parametrize(
    ("words", "found", "kind"),
    [
        ([WORDS[0]], [box(0, 0, 40, 20), box(60, 0, 100, 20)], "split"),
        ([WORDS[0]], [box(0, 0, 50, 20)], "loose"),
        ([WORDS[0], box(105, 0, 125, 20)], [box(0, 0, 125, 20)], "merged"),  # the match of one goes, both words come
        ([WORDS[0]], [WORDS[0], box(0, 0, 60, 10)], "piece"),
        ([WORDS[0], RIGHT], [WORDS[0], RIGHT, LINE], "merged"),  # words that were found stay as they are
    ],
)
def test_with_its_only_kind_of_error_solved_an_image_is_perfect(words, found, kind):
    errors = analysed([(labelled("a.jpg", *words), found)])
    assert list(errors.solved) == [kind]
    assert errors.solved[kind] == (1.0, 1.0)
    assert errors.hmeans.iou < 1


def test_slices_count_words_and_detections_by_height_aspect_slant_place_and_split(errors):
    by = {trait: {name: one.to_dict() for name, one in slices.items()} for trait, slices in errors.breakdown.items()}
    (only,) = by["height"].values()
    assert list(by["height"]) == ["16 to 24 px"]
    assert (only["words"], only["detections"]) == (5, 4)
    assert {name: one["words"] for name, one in by["aspect"].items()} == {"4 to 8 : 1": 5, "8 to 16 : 1": 0}
    assert by["aspect"]["8 to 16 : 1"]["false"]["merged"] == 1
    assert list(by["slant"]) == ["under 2°"]
    # Middles at x 50, 160, 250 and y 10, 110, 210 of 300 px.
    assert {name: one["words"] for name, one in by["position"].items()} == {
        "top left": 2,
        "top centre": 1,
        "middle left": 1,
        "bottom left": 1,
        "bottom right": 0,
    }
    assert by["position"]["bottom left"]["missed"]["none"] == 1
    assert by["position"]["bottom right"]["false"]["background"] == 1
    assert {name: sum(one["missed"].values()) for name, one in by["part"].items()} == {"train": 2, "val": 1}
    assert "part" not in analysed([(labelled("a.jpg", WORDS[0]), [])]).breakdown


def test_a_word_stands_where_its_label_begins_and_an_image_without_size_ends_with_its_polygons():
    upwards = np.array([[10, 90], [10, 10], [30, 10], [30, 90]], np.float32)  # 80 px along, read from below
    errors = analysed([(ImageAnnotation("a.jpg", words=(Word(upwards),)), [upwards])])
    names = {trait: list(slices) for trait, slices in errors.breakdown.items()}
    assert names["height"] == ["16 to 24 px", "64 to 96 px"]  # the detection's points tell no direction
    assert names["slant"] == ["under 2°", "from 45°"]
    assert names["position"] == ["middle right"]  # 20 of 30 px, 50 of 90 px


def test_the_file_has_the_kind_of_every_word_and_detection(errors):
    content = json.loads(json.dumps(errors.to_dict()))
    assert content["images"]["merged.jpg"] == {
        "missed": [
            {"word": "0000", "kind": "merged", "detections": [1], "merged_with": ["0001"]},
            {"word": "0001", "kind": "merged", "detections": [1], "merged_with": ["0000"]},
        ],
        "false": [{"detection": 1, "kind": "merged", "words": ["0000", "0001"]}],
    }
    assert content["images"]["other.jpg"]["false"] == [{"detection": 3, "kind": "background", "words": []}]
    assert content["try_first"] == {"cleval": "none", "iou": "merged"}
    assert content["bias"]["matched"]["px"] == {"left": 0, "top": 0, "right": 0, "bottom": 0}
    loose = analysed([(labelled("a.jpg", WORDS[0]), [box(0, 0, 50, 20)])]).to_dict()["images"]["a.jpg"]["missed"]
    assert loose[0]["bias"]["heights"] == {"left": 0, "top": 0, "right": -2.5, "bottom": 0}


def test_the_last_line_says_what_to_try_first_and_where_to_read_on(errors):
    assert advice(errors) == (
        "What to try first: none (33% of the missed words; solved, CLEval H 0.8070 -> 0.9023), or merged "
        "(67% of the missed words; solved, IoU H 0.4444 -> 0.8000): see docs/errors.md#none, docs/errors.md#merged"
    )
    noisy = analysed([(labelled("a.jpg", *WORDS), [*WORDS, LINE + 100])])
    assert advice(noisy).startswith("What to try first: background (100% of the false detections; solved, CLEval H ")
    one = analysed([(labelled("a.jpg", *WORDS), WORDS[:2])])
    assert advice(one).startswith(
        "What to try first: none (100% of the missed words; solved, CLEval H 0.8000 -> 1.0000, "
    )
    perfect = analysed([(labelled("a.jpg", *WORDS), WORDS)])
    assert advice(perfect) == "What to try first: nothing, no kind of error costs anything here."


@pytest.mark.parametrize("width", [80, 160])
def test_people_read_kinds_costs_bias_and_places(errors, width):
    text = printed(print_errors, errors, width=width)
    assert "Kinds of error: 3 of 5 words missed, 2 of 4 detections false" in " ".join(text.split())
    assert "CLEval counts characters" in text
    for row in ("merged", "as it is", "matched", "top left", "val"):
        assert row in text
    assert "What to try first" in text.splitlines()[-1]
    nothing = printed(print_errors, analysed([]), width=width)
    assert "0 of 0 words missed" in nothing
