"""FUNSD: the words of forms."""

from tests.annotations.formats.conftest import box

IMAGES = {"0001.png": (100, 80)}


def form(*words):
    return {
        "form": [
            {"box": [0, 0, 99, 79], "text": "block", "words": [{"text": text, "box": list(one)} for text, one in words]}
        ]
    }


def test_words_are_read_blocks_are_not_and_an_empty_text_is_ignored(labels):
    content = form(
        ("TO:", (10, 10, 40, 22)), (" ", (10, 30, 20, 40)), ("flat", (10, 70, 30, 70)), ("Société", (44, 10, 70, 24))
    )
    content["form"].append({"box": [5, 45, 95, 48], "text": "", "words": []})
    labels.write("0001.json", content)
    read = labels.read("funsd")
    assert read.words["0001.png"] == [
        (box(10, 10, 40, 22), "TO:", False),
        (box(10, 30, 20, 40), " ", True),
        (box(44, 10, 70, 24), "Société", False),
    ]
    assert read.warnings == ["1 word without area, left out: 0001.json, word 3 'flat'"]


def test_reversed_corners_are_a_fault(labels):
    labels.write("0001.json", form(("back", (90, 60, 60, 50))))
    assert "0001.json, word 1 'back': expected left <= right and top <= bottom, got 90, 60, 60, 50" in labels.fault(
        "funsd"
    )
