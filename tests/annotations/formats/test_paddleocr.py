"""PaddleOCR: a path, a tab and a JSON list in each line."""

import json

from tests.annotations.formats.conftest import box

IMAGES = {"r 1.png": (120, 90), "r2.png": (120, 90), "r3.png": (120, 90)}


def line(path, *words):
    entries = [{"transcription": text, "points": points, **more} for text, points, more in words]
    return f"{path}\t{json.dumps(entries, ensure_ascii=False)}\r\n"


def test_readable_words_stay_readable_and_two_texts_mark_ignored_ones(labels):
    first, second = box(10, 10, 60, 24), box(70, 10, 110, 24)
    labels.write(
        "Label.txt",
        line(
            "receipts/r 1.png",
            ("합계 12,000", first, {"difficult": False}),
            ("###", second, {"difficult": False}),
            ("*", first, {"difficult": "false"}),
            ("A\tB", first, {"difficult": "false"}),
            ("kept", first, {"difficult": True}),
            ("TEMPORARY", first, {"difficult": True}),
        )
        + line("receipts\\r2.png")
        + line(
            "receipts/r3.png",
            ("和", [[10, 20], [35, 12], [60, 20], [60, 36], [35, 28], [10, 36]], {"key_cls": "None"}),
            ("zig", [[70, 10], [110, 10], [70, 24], [110, 24]], {"key_cls": "total"}),  # row by row
        ),
    )
    for name in ("fileState.txt", "rec_gt.txt", "Cache.cach"):
        labels.write(name, "/home/user/receipts/r3.png\t1\n")
    read = labels.read("paddleocr")
    assert read.words == {
        "r 1.png": [
            (first, "합계 12,000", False),
            (second, "###", True),
            (first, "*", True),
            (first, "A\tB", False),
            (first, "kept", False),
            (first, "", False),
        ],
        "r2.png": [],
        "r3.png": [([[10, 20], [35, 12], [60, 20], [60, 36], [35, 28], [10, 36]], "和", False), (second, "zig", False)],
    }
    assert read.warnings == [
        "2 words marked difficult, kept as readable: Label.txt, line 1, word 5; Label.txt, line 1, word 6",
        "1 word without transcription: Label.txt, line 1, word 6",
        "1 word with crossing edges, put in order: Label.txt, line 3, word 2",
    ]


def test_python_in_place_of_json_is_named_by_its_line(labels):
    labels.write("Label.txt", line("a/r2.png") + "a/r3.png\t[{'transcription': 'zig'}]")
    assert "Label.txt, line 2: expected a JSON list after the tab" in labels.fault("paddleocr")


def test_an_image_twice_is_named_with_both_lines(labels):
    labels.write("Label.txt", line("receipts/r3.png") + line("receipts/r2.png") + line("old/r3.png"))
    assert "line 3: expected each image once, got r3.png again (first: Label.txt, line 1)" in labels.fault("paddleocr")


def test_every_missing_image_is_named_with_the_other_ending(labels):
    labels.write("Label.txt", line("receipts/r9.png") + line("receipts/r2.jpg"))
    message = labels.fault("paddleocr")
    assert "expected the image 'receipts/r9.png'" in message
    assert "expected the image 'receipts/r2.jpg'" in message
    assert message.endswith("found none; did you mean r2.png?")
