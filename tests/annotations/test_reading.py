"""The reader of the annotation JSON."""

import json
import logging
import math
from contextlib import nullcontext

import numpy as np
import pytest

from ocr.annotations.faults import AnnotationError
from ocr.annotations.reading import check_images, read_annotations

QUAD = [[10, 20], [50, 20], [50, 40], [10, 40]]


def write(folder, document):
    path = folder / "train.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def one_word(folder, size=None, **word):
    """Read a file of one image with one word."""
    width, height = size or (None, None)
    entry = {"img_w": width, "img_h": height, "words": {"0001": {"points": QUAD} | word}}
    return read_annotations(write(folder, {"images": {"a.jpg": entry}}))["a.jpg"]


def test_a_whole_entry_is_read_field_by_field(tmp_path):
    words = {
        "0001": {"points": QUAD, "transcription": "TOTAL", "illegibility": False, "tags": ["bold"]},
        "0007": {"points": [[0.5, 0], [9, 0], [9, 5], [4, 6], [0.5, 5]], "transcription": "합계"},
    }
    document = {"images": {"b.jpg": {"img_w": 100, "img_h": 80, "words": words}, "a.jpg": {"words": {}}}}
    annotations = read_annotations(write(tmp_path, document))
    assert list(annotations) == ["b.jpg", "a.jpg"]  # the file's order, not the alphabet's
    first = annotations["b.jpg"]
    assert (first.filename, first.width, first.height, first.size) == ("b.jpg", 100, 80, (100, 80))
    assert [(word.id, word.text, word.score) for word in first.words] == [
        ("0001", "TOTAL", None),
        ("0007", "합계", None),
    ]
    assert first.ignore == (False, False)
    assert first.scores is None
    assert [polygon.dtype for polygon in first.polygons] == [np.float32, np.float32]
    np.testing.assert_array_equal(first.polygons[0], QUAD)
    np.testing.assert_array_equal(first.polygons[1], [[0.5, 0], [9, 0], [9, 5], [4, 6], [0.5, 5]])


def test_no_images_no_words_and_a_byte_order_mark_are_read(tmp_path):
    assert read_annotations(write(tmp_path, {"images": {}})) == {}
    annotation = read_annotations(write(tmp_path, '\ufeff{"images": {"a.jpg": {"words": {}}}}'))["a.jpg"]
    assert (annotation.width, annotation.height, annotation.size, annotation.scores) == (None, None, None, None)
    assert one_word(tmp_path, size=(100, None)).size is None
    assert annotation.words == annotation.polygons == annotation.ignore == ()


@pytest.mark.parametrize(
    ("word", "ignored"),
    [
        *(({"illegibility": value}, True) for value in (True, 1, "true", "True", "1")),
        *(({"illegibility": value}, False) for value in (False, 0, None, "false", "0", "")),
        *(({"transcription": text, "illegibility": False}, True) for text in ("###", " ### ")),
        *(({"transcription": text}, False) for text in ("####", "#", None)),
        # put in order all the same
        ({"transcription": "###", "points": [[20, 30], [120, 30], [20, 60], [120, 60]]}, True),
    ],
)
def test_illegible_words_and_three_hashes_are_ignored(tmp_path, word, ignored):
    annotation = one_word(tmp_path, **word)
    assert annotation.ignore == (ignored,)
    assert annotation.words[0].text == (word.get("transcription") or "")
    if "points" in word:
        np.testing.assert_array_equal(annotation.polygons[0], [[20, 30], [120, 30], [120, 60], [20, 60]])


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [10, 10], [20, 20], [30, 30]],  # on a slant
        [[5, 0], [5, 9], [5, 18], [5, 27]],  # upright
        [[7, 7], [7, 7], [7, 7], [7, 7]],  # one spot
    ],
)
def test_a_word_on_one_line_is_ignored_with_a_warning(tmp_path, caplog, points):
    with caplog.at_level(logging.WARNING):
        annotation = one_word(tmp_path, points=points)
    assert annotation.ignore == (True,)
    assert len(annotation.polygons) == 1
    assert "1 words whose points lie on one line" in caplog.text
    assert "image 'a.jpg', word '0001'" in caplog.text


Z_ORDER = [[20, 30], [120, 30], [20, 60], [120, 60]]  # top-left, top-right, bottom-left, bottom-right


@pytest.mark.parametrize(
    "points",
    [
        Z_ORDER,
        [[20, 30], [120, 60], [120, 30], [20, 60]],
        [[120, 60], [20, 60], [120, 30], [20, 30]],  # from another corner
        [*Z_ORDER, Z_ORDER[0]],  # closed
        [Z_ORDER[0], *Z_ORDER],  # a point twice
    ],
)
def test_four_points_whose_edges_cross_are_put_in_order_and_named(tmp_path, caplog, points):
    annotation = one_word(tmp_path, points=points)
    np.testing.assert_array_equal(annotation.polygons[0], [[20, 30], [120, 30], [120, 60], [20, 60]])
    assert annotation.ignore == (False,)
    assert "train.json: put in order 1 words of four points whose edges cross" in caplog.text
    assert "image 'a.jpg', word '0001'" in caplog.text


def test_four_points_around_a_word_stay_as_they_are_from_any_corner_and_in_either_direction(tmp_path, caplog):
    for points in (QUAD, QUAD[2:] + QUAD[:2], QUAD[::-1], [[0, 0], [9, 4], [20, 0], [9, 12]]):  # the last is concave
        np.testing.assert_array_equal(one_word(tmp_path, points=points).polygons[0], points)
    assert caplog.text == ""


def test_more_points_that_make_several_lobes_are_ignored_and_named(tmp_path, caplog):
    # six points row by row: of the three lobes none has nine tenths of the area
    points = [[0, 0], [50, 0], [100, 0], [0, 20], [50, 20], [100, 20]]
    annotation = one_word(tmp_path, points=points)
    assert annotation.ignore == (True,)
    np.testing.assert_array_equal(annotation.polygons[0], points)
    assert "train.json: ignored 1 words whose polygon crosses itself" in caplog.text
    assert "image 'a.jpg', word '0001'" in caplog.text


def test_a_small_loop_does_no_harm_but_is_named(tmp_path, caplog):
    # the edges cross at (98, 18): beyond it a loop of about 2 x 2 px hangs at a word of 100 x 20 px
    annotation = one_word(tmp_path, points=[[0, 0], [96, 0], [96, 20], [100, 16], [98, 20], [92, 16], [0, 20]])
    assert annotation.ignore == (False,)
    assert "kept 1 words whose polygon crosses itself in a small loop" in caplog.text


def test_a_polygon_of_hundreds_of_crossing_points_is_ignored_in_no_time_and_refused_as_a_prediction(tmp_path):
    points = np.random.default_rng(0).uniform(0, 500, (1000, 2)).tolist()  # about 170,000 crossings
    annotation = one_word(tmp_path, points=points)
    assert annotation.ignore == (True,)
    assert 4 <= len(annotation.polygons[0]) < 50  # the hull
    with pytest.raises(
        AnnotationError, match=r"word '0001': expected a polygon around .*, got 1000 points whose edges"
    ):
        read_annotations(tmp_path / "train.json", predicted=True)


def test_predictions_stay_as_they_are_scored(tmp_path, caplog):
    path = write(tmp_path, {"images": {"a.jpg": {"words": {"1": {"points": Z_ORDER}}}}})
    np.testing.assert_array_equal(read_annotations(path, predicted=True)["a.jpg"].polygons[0], Z_ORDER)
    assert caplog.text == ""


def test_too_many_points_or_words_are_named(tmp_path):
    circle = np.linspace(0, 2 * np.pi, 1001)
    points = np.stack((50 + 40 * np.cos(circle), 50 + 40 * np.sin(circle)), axis=1).tolist()
    assert len(one_word(tmp_path, points=points[:1000]).polygons[0]) == 1000
    with pytest.raises(AnnotationError, match=r"word '0001': expected at most 1000 points, got 1001; simplify"):
        one_word(tmp_path, points=points)
    words = {str(number): {"points": QUAD} for number in range(10_001)}
    with pytest.raises(
        AnnotationError, match=r"image 'a\.jpg': expected at most 10000 words, got 10001; cut the image"
    ):
        read_annotations(write(tmp_path, {"images": {"a.jpg": {"words": words}}}))


@pytest.mark.parametrize("size", [None, (160, 240)])
def test_parts_of_one_are_refused_as_a_wrong_unit(tmp_path, size):
    with pytest.raises(
        AnnotationError, match=r"train\.json: expected points in pixels .*, got coordinates between 0 and 1"
    ):
        one_word(tmp_path, size=size, points=[[0.1, 0.1], [0.9, 0.1], [0.9, 0.2], [0.1, 1.0]])


def in_percent(count):
    """`count` words from the top of an image to its bottom, in per cent."""
    tops = np.linspace(2, 90, count)
    return {str(i): {"points": [[5, y], [95, y], [95, y + 4], [5, y + 4]]} for i, y in enumerate(tops)}


@pytest.mark.parametrize(
    ("size", "words", "refused"),
    [
        ((720, 1280), in_percent(5), True),
        ((200, 120), in_percent(5), False),  # the image is hardly larger
        ((720, 1280), in_percent(4), False),  # too few to tell
        ((720, 1280), {str(i): {"points": [[5, 6 * i], [30, 6 * i], [30, 5], [5, 5]]} for i in range(5)}, False),
        ((720, 1280), in_percent(5) | {"x": {"points": [[5, 90], [101, 90], [101, 99], [5, 99]]}}, False),
        ((None, None), in_percent(5), False),  # nothing to compare with
    ],
    ids=["per cent", "small image", "few words", "a corner", "beyond 100", "no size"],
)
def test_per_cent_of_a_large_image_is_refused_as_a_wrong_unit(tmp_path, size, words, refused):
    path = write(tmp_path, {"images": {"a.jpg": {"img_w": size[0], "img_h": size[1], "words": words}}})
    message = r"between 0 and 100 only \(5 words, images of 1280 px and more\): per cent"
    with pytest.raises(AnnotationError, match=message) if refused else nullcontext():
        assert read_annotations(path)


def test_points_slightly_outside_move_onto_the_border(tmp_path):
    # 100 x 80: tolerance max(5 px, 2 %) = 5 px on both axes; of 1000 px 2 % are 20 px
    annotation = one_word(tmp_path, size=(100, 80), points=[[-5, -1], [105, 0], [100.5, 84.9], [3, 81]])
    np.testing.assert_array_equal(annotation.polygons[0], [[0, 0], [100, 0], [100, 80], [3, 80]])
    annotation = one_word(tmp_path, size=(1000, 80), points=[[0, 0], [1020, 0], [1020, 20], [0, 20]])
    assert annotation.polygons[0][:, 0].max() == 1000
    with pytest.raises(AnnotationError, match=r"expected x in 0\.\.1000 as displayed, got 1020\.5"):
        one_word(tmp_path, size=(1000, 80), points=[[0, 0], [1020.5, 0], [1020, 20], [0, 20]])
    points = [[0, 0], [9000, 0], [9000, 20], [-50, 20]]  # of no size
    np.testing.assert_array_equal(one_word(tmp_path, points=points).polygons[0], points)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("points", [[0, 0], [9, 0], [9, 9]], "expected at least 4 points, got 3"),
        ("points", [], "expected at least 4 points, got 0"),
        ("points", None, r"expected points \[\[x, y\], …\], got None"),
        ("points", [0, 0, 9, 0, 9, 9, 0, 9], r"expected point 0 to be \[x, y\], got 0"),
        ("points", [[0, 0], [9, 0], [9, 9, 1], [0, 9]], r"expected point 2 to be \[x, y\], got \[9, 9, 1\]"),
        *(
            ("points", [[0, 0], [9, value], [9, 9], [0, 9]], "expected point 1 to be two finite numbers, got")
            for value in ("0", None, True, math.nan, math.inf, 10**400)
        ),
        ("transcription", 7, "expected transcription to be text or null, got 7"),
        *(("illegibility", value, "expected illegibility to be true or false, got") for value in ("maybe", 2, [])),
        *(("confidence", value, r"expected confidence in \[0, 1\], got") for value in (1.5, -0.1, "0.5", math.nan)),
    ],
)
def test_a_broken_field_is_named_by_image_and_word(tmp_path, field, value, fault):
    with pytest.raises(AnnotationError, match=rf"got 1 broken entries:\n  image 'a\.jpg', word '0001': {fault}"):
        one_word(tmp_path, **{field: value})


@pytest.mark.parametrize("side", [0, -3, 10.5, "100", True, math.inf, 1_000_001])
def test_a_size_that_no_image_has_is_named(tmp_path, side):
    expected = f"of at most 1000000, got {side}" if side == 1_000_001 else ", got"
    with pytest.raises(AnnotationError, match=rf"image 'a\.jpg': expected img_h to be a positive integer ?{expected}"):
        one_word(tmp_path, size=(100, side))


BROKEN = "expected valid annotations, got 1 broken entries:\n  "
TWICE = "expected each key once, got"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], BROKEN + r"top level: expected an object with 'images', got \[\]"),
        ({"a.jpg": {"words": {}}}, BROKEN + "top level: expected 'images', got 'a.jpg'"),
        ({"images": []}, BROKEN + r"top level: expected 'images' to be an object, got \[\]"),
        ({"images": {"a.jpg": None}}, BROKEN + "image 'a.jpg': expected an object with 'words', got None"),
        ({"images": {"a.jpg": {}}}, BROKEN + "image 'a.jpg': expected 'words', got no keys"),
        ({"images": {"a.jpg": {"words": [QUAD]}}}, BROKEN + "image 'a.jpg': expected 'words' to be an object"),
        ({"images": {"a.jpg": {"words": {"1": QUAD}}}}, BROKEN + "image 'a.jpg', word '1': expected an object"),
        (
            {"images": {"a.jpg": {"words": {"1": {"box": 3}}}}},
            BROKEN + "image 'a.jpg', word '1': expected 'points', got",
        ),
        *(
            ({"images": {name: {"words": {}}}}, BROKEN + f"image '{name}': expected a file name")
            for name in ("", "../a", "/a")
        ),
        ('{"images": {"a": {"words": {}}, "a": {"words": {}}}}', f".*images: {TWICE} 'a' again"),
        ('{"images": {}, "images": {}}', f".*top level: {TWICE} 'images' again"),
        ('{"images": {"a": {"words": {"1": {}, "1": {}}}}}', f".*image 'a', words: {TWICE} '1' again"),
        ('{"images": {"a": {"words": {"1": {"points": [], "points": []}}}}}', f".*word '1': {TWICE} 'points' again"),
        ('{"images": {\n  "a.jpg": {"words": {}},\n}}', "expected JSON, got an error at line 3, column 1"),
        ("[" * 100_000, "expected JSON"),
        ('{"images": ' + "9" * 5000 + "}", "expected JSON"),
    ],
)
def test_a_document_of_another_shape_is_named(tmp_path, document, fault):
    with pytest.raises(AnnotationError, match=rf"(?s)train\.json: {fault}"):
        read_annotations(write(tmp_path, document))


def test_every_broken_entry_is_listed_in_one_error_up_to_fifty(tmp_path):
    words = {"1": {"points": QUAD[:3]}, "2": {"points": QUAD}, "3": {"points": QUAD, "transcription": 5}}
    document = {"images": {"a.jpg": {"words": words}, "b.jpg": {}, "c.jpg": {"img_w": -1, "words": {}}}}
    with pytest.raises(AnnotationError, match=r"train\.json: expected valid annotations, got 4 broken") as caught:
        read_annotations(write(tmp_path, document))
    starts = [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert starts == ["image 'a.jpg', word '1'", "image 'a.jpg', word '3'", "image 'b.jpg'", "image 'c.jpg'"]
    words = {str(number): {"points": []} for number in range(73)}
    with pytest.raises(AnnotationError, match="got 73 broken entries") as caught:
        read_annotations(write(tmp_path, {"images": {"a.jpg": {"words": words}}}))
    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1].strip()) == (1 + 50 + 1, "… and 23 more")


def test_other_encodings_missing_files_and_folders_are_named(tmp_path):
    path = tmp_path / "train.json"
    with pytest.raises(AnnotationError, match=r"train\.json: expected a JSON file, got no such file"):
        read_annotations(path)
    path.write_bytes('{"images": {}}'.encode("utf-16"))
    with pytest.raises(AnnotationError, match=r"train\.json: expected UTF-8 text"):
        read_annotations(path)
    with pytest.raises(AnnotationError, match="expected a readable file, got Is a directory"):
        read_annotations(tmp_path)


def test_confidences_are_read_in_the_order_of_the_file_where_all_words_have_one(tmp_path):
    words = {"1": {"points": QUAD, "confidence": 0.25}, "2": {"points": QUAD, "confidence": 1}}
    assert read_annotations(write(tmp_path, {"images": {"a.jpg": {"words": words}}}))["a.jpg"].scores == (0.25, 1.0)
    del words["2"]["confidence"]
    with pytest.raises(
        AnnotationError, match=r"image 'a\.jpg': expected a confidence for each word or for none, got 1 of 2"
    ):
        read_annotations(write(tmp_path, {"images": {"a.jpg": {"words": words}}}))


def test_words_with_confidences_are_labels_with_a_warning_or_refused_where_they_are_scored_by(tmp_path, caplog):
    words = {"1": {"points": QUAD, "confidence": 0.25}}
    path = write(tmp_path, {"images": {"a.jpg": {"words": words}, "b.jpg": {"words": {}}}})
    assert read_annotations(path)["a.jpg"].scores == (0.25,)
    assert f"{path}: taken for labels 1 images whose words have a confidence" in caplog.text
    assert "image 'a.jpg'" in caplog.text
    caplog.clear()
    assert len(read_annotations(path, confidences="allow")) == len(read_annotations(path, predicted=True)) == 2
    with pytest.raises(
        AnnotationError, match=r"expected labels, got predictions .*swapped\? .*convert\.py input=.* predictions=false$"
    ):
        read_annotations(path, confidences="refuse")
    assert caplog.text == ""


def test_every_missing_image_is_named(tmp_path):
    annotations = read_annotations(write(tmp_path, {"images": {f"{name}.jpg": {"words": {}} for name in "abc"}}))
    (tmp_path / "b.jpg").touch()
    (tmp_path / "c.jpg").mkdir()  # no file either
    with pytest.raises(AnnotationError, match=r"all 3 annotated images, got none of 2 files:\n  a\.jpg\n  c\.jpg$"):
        check_images(annotations, tmp_path)
    (tmp_path / "a.jpg").touch()
    (tmp_path / "c.jpg").rmdir()
    (tmp_path / "c.jpg").touch()
    check_images(annotations, tmp_path)
    with pytest.raises(AnnotationError, match="nowhere: expected the folder of 3 annotated images, got no such folder"):
        check_images(annotations, tmp_path / "nowhere")
