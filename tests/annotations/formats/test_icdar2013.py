"""ICDAR 2013: upright boxes and texts in quotes."""

from tests.annotations.formats.conftest import box

IMAGES = {"a.png": (120, 80), "b.png": (120, 80)}


def test_blanks_and_commas_part_the_numbers_and_only_the_outer_quotes_go(labels):
    labels.write("gt_a.txt", '10 12 50 30 "Total"\n60 12 110 30 "12,50 EUR"\n10 40 50 60 "say "hi""\n\n')
    labels.write("gt_b.txt", '\ufeff8, 10, 40, 28, "x, y"\r\n8, 44, 40, 60, "###"\r\n50, 44, 115, 60, ""')
    read = labels.read("icdar2013")
    assert read.words == {
        "a.png": [
            (box(10, 12, 50, 30), "Total", False),
            (box(60, 12, 110, 30), "12,50 EUR", False),
            (box(10, 40, 50, 60), 'say "hi"', False),
        ],
        "b.png": [
            (box(8, 10, 40, 28), "x, y", False),
            (box(8, 44, 40, 60), "###", True),
            (box(50, 44, 115, 60), "", False),
        ],
    }
    assert read.warnings == ["1 word without transcription: gt_b.txt, line 3"]


def test_an_image_without_a_label_file_is_left_out_and_an_empty_file_is_no_text(labels):
    labels.write("a.txt", '1 2 30 40 "x"')
    labels.image("c.png", 9, 9)
    labels.write("gt_b.txt", "")
    read = labels.read("icdar2013")
    assert read.words == {"a.png": [(box(1, 2, 30, 40), "x", False)], "b.png": []}
    assert read.warnings == ["1 image without label file, left out: c.png"]


def test_width_and_height_in_place_of_a_corner_are_refused_and_every_fault_is_named(labels):
    labels.write("gt_a.txt", '10 12 50 30 "Total"\n60 40 20 10 "x"\n5 6 seven 8 "y"')
    message = labels.fault("icdar2013")
    assert "expected ICDAR 2013 labels, got 2 faults:\n  gt_a.txt, line 2: expected left <= right" in message
    assert "got 60, 40, 20, 10 (width and height taken for a corner?)" in message
    assert 'gt_a.txt, line 3: expected 4 numbers and a "text", got' in message
