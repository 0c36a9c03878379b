"""ICDAR 2015 and SROIE: exactly eight numbers, the rest of the line is text."""

import pytest

from tests.annotations.formats.conftest import box

NAME = "icdar2015"
IMAGES = {"img_1.png": (160, 120)}


def test_commas_quotes_and_digits_after_the_eighth_number_are_text(labels):
    labels.write(
        "gt_img_1.txt",
        "\ufeff10,20,70,18,71,34,11,36,RM 1,234.50\r\n"
        "80,20,120,20,120,34,80,34, ### \r\n"
        "10,60,60,60,60,75,10,75,12,50\r\n"
        '10,40,60,40,60,50,10,50,"OPEN\r\n'
        "100,60,140,60,140,75,100,75,NO. 5,\r\n"
        "100,80,140,80,140,95,100,95\r\n",
    )
    read = labels.read(NAME)
    assert read.words["img_1.png"] == [
        ([[10, 20], [70, 18], [71, 34], [11, 36]], "RM 1,234.50", False),
        (box(80, 20, 120, 34), " ### ", True),
        (box(10, 60, 60, 75), "12,50", False),
        (box(10, 40, 60, 50), '"OPEN', False),
        (box(100, 60, 140, 75), "NO. 5,", False),
        (box(100, 80, 140, 95), "", False),
    ]
    assert read.ids["img_1.png"][-1] == "0006"
    assert read.warnings == ["1 word without transcription: gt_img_1.txt, line 6"]


def test_a_line_ends_at_a_line_feed_and_nowhere_else(labels):
    labels.write("gt_img_1.txt", "0,0,9,0,9,9,0,9,a\u2028b\rc\x85d\n\n20,0,29,0,29,9,20,9,e")
    assert [word[1] for word in labels.read(NAME).words["img_1.png"]] == ["a\u2028b\rc\x85d", "e"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("10,20,70,20,70,34,10,34,Total\n10,40,70,40,70,54,10,Sum", "line 2: expected 8 numbers and a text, got 7"),
        ("10,20,700,20,700,34,10,34,far", "line 1: expected x in 0..160 as displayed, got 700"),
        (b"10,20,70,20,70,34,10,34,CAF\xc9", ": expected UTF-8 text, got byte 0xc9 at position 27"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_line(labels, content, fault):
    labels.write("gt_img_1.txt", content)
    message = labels.fault(NAME)
    assert "gt_img_1.txt" in message
    assert fault in message


def test_key_information_of_sroie_is_no_label(labels):
    labels.image("X001.jpg", 100, 160)
    labels.write("X001.txt", '{\n    "company": "BOOKS, LTD",\n    "total": "72.25"\n}')
    assert "X001.txt: line 1: expected 8 numbers and a text, got key information" in labels.fault("sroie")


def test_a_label_file_without_an_image_is_a_fault_and_a_file_that_is_neither_is_passed_over(labels):
    labels.write("gt_img_1.txt", "10,20,70,20,70,34,10,34,a")
    labels.write("notes.txt", "drawn in May")
    assert len(labels.read(NAME).words["img_1.png"]) == 1
    labels.write("gt_img_2.txt", "10,20,70,20,70,34,10,34,a")
    assert "gt_img_2.txt: expected an image named gt_img_2 or img_2 in" in labels.fault(NAME)
