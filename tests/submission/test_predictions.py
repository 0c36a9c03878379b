"""The prediction JSON and the reading of any prediction file."""

import json

import numpy as np
import pytest

from ocr.annotations.faults import AnnotationError
from ocr.annotations.reading import read_annotations
from ocr.submission.leaderboard import SubmissionError
from ocr.submission.predictions import PredictedImage, read_predictions, write_predictions

QUAD = np.array([[10, 20], [50, 20], [50, 40], [10, 40]], dtype=np.float32)


def predicted(*scores, polygons=None, size=(640, 480)):
    polygons = [QUAD + index for index in range(len(scores))] if polygons is None else polygons
    return PredictedImage(polygons, np.array(scores, dtype=np.float32), size)


def test_the_file_has_the_annotation_format_plus_confidence(tmp_path):
    write_predictions(tmp_path / "p.json", {"합계.jpg": predicted(0.9, 0.1), "b.jpg": predicted(size=None)})
    assert json.loads((tmp_path / "p.json").read_text(encoding="utf-8")) == {
        "images": {
            "합계.jpg": {
                "img_w": 640,
                "img_h": 480,
                "words": {
                    "0001": {"points": [[10, 20], [50, 20], [50, 40], [10, 40]], "confidence": 0.9},
                    "0002": {"points": [[11, 21], [51, 21], [51, 41], [11, 41]], "confidence": 0.1},
                },
            },
            "b.jpg": {"words": {}},
        }
    }


def test_what_is_written_is_read_back_to_the_last_bit(tmp_path):
    generator = np.random.default_rng(0)
    polygons = [(generator.random((8, 2)) * 900).astype(np.float32) for _ in range(50)]
    scores = np.sort(generator.random(50).astype(np.float32))[::-1]
    write_predictions(tmp_path / "p.json", {"a.jpg": PredictedImage(polygons, scores)})
    result = read_predictions(tmp_path / "p.json")["a.jpg"]
    np.testing.assert_array_equal(result.scores, scores)
    for read, written in zip(result.polygons, polygons, strict=True):
        np.testing.assert_array_equal(read, written)


def test_scores_and_sizes_are_read_back_best_first(tmp_path):
    write_predictions(tmp_path / "p.json", {"a.jpg": predicted(0, 1), "b.jpg": predicted(size=None)})
    result = read_predictions(tmp_path / "p.json")
    assert result["a.jpg"].scores.tolist() == [1, 0]
    assert [image.size for image in result.values()] == [(640, 480), None]
    annotation = read_annotations(tmp_path / "p.json")["a.jpg"]  # the file itself has them in that order
    assert annotation.scores == (1, 0)
    np.testing.assert_array_equal(annotation.polygons[0], QUAD + 1)
    write_predictions(tmp_path / "none.json", {})
    assert read_predictions(tmp_path / "none.json") == {}


def test_confidence_orders_what_is_read_and_ties_keep_their_order(tmp_path):
    confidences = [0.5, 0.75, 0.5]
    words = {str(i): {"points": (QUAD + i).tolist(), "confidence": c} for i, c in enumerate(confidences)}
    (tmp_path / "p.json").write_text(json.dumps({"images": {"a.jpg": {"words": words}, "b.jpg": {"words": {}}}}))
    predictions = read_predictions(tmp_path / "p.json")
    np.testing.assert_array_equal(predictions["a.jpg"].scores, np.array([0.75, 0.5, 0.5], dtype=np.float32))
    assert [polygon[0, 0] for polygon in predictions["a.jpg"].polygons] == [11, 10, 12]
    assert predictions["b.jpg"].polygons == []
    assert predictions["b.jpg"].scores.shape == (0,)


def test_without_confidence_the_order_of_the_file_is_the_rank(tmp_path):
    words = {str(i): {"points": (QUAD + i).tolist()} for i in (3, 1, 2)}
    (tmp_path / "p.json").write_text(json.dumps({"images": {"a.jpg": {"words": words}}}))
    prediction = read_predictions(tmp_path / "p.json")["a.jpg"]
    assert prediction.scores is None
    assert [polygon[0, 0] for polygon in prediction.polygons] == [13, 11, 12]


def test_a_csv_gives_polygons_without_scores_in_its_order(tmp_path):
    (tmp_path / "p.CSV").write_text("filename,polygons\na.jpg,30 0 39 0 39 9 30 9|0 0 9 0 9 9 0 9\nb.jpg,\n")
    predictions = read_predictions(tmp_path / "p.CSV")
    assert list(predictions) == ["a.jpg", "b.jpg"]
    assert predictions["a.jpg"].scores is None
    assert [polygon[0, 0] for polygon in predictions["a.jpg"].polygons] == [30, 0]
    assert predictions["b.jpg"].polygons == []


def test_files_that_do_not_hold_are_named(tmp_path):
    (tmp_path / "p.json").write_text("[]")
    (tmp_path / "p.csv").write_text("image,boxes\n")
    with pytest.raises(AnnotationError, match=r"p\.json"):
        read_predictions(tmp_path / "p.json")
    with pytest.raises(SubmissionError, match=r"p\.csv: expected the header filename,polygons"):
        read_predictions(tmp_path / "p.csv")
    with pytest.raises(ValueError, match=r"p\.txt: expected a prediction file \.json or \.csv, got '\.txt'"):
        read_predictions(tmp_path / "p.txt")
    with pytest.raises(ValueError, match="got 'no ending'"):
        read_predictions(tmp_path / "p")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (predicted(0.5, polygons=[]), r"a\.jpg: expected 0 scores"),
        (PredictedImage([QUAD], None), r"a\.jpg: expected 1 scores"),
        (predicted(1.5), r"a\.jpg: expected scores in \[0, 1\]"),
        (predicted(float("nan")), r"a\.jpg: expected scores in \[0, 1\]"),
        (predicted(0.5, polygons=[QUAD[:3]]), r"a\.jpg: expected \(K, 2\) finite points, K >= 4"),
        (predicted(0.5, polygons=[QUAD.ravel()]), r"a\.jpg: expected \(K, 2\) finite points"),
        (predicted(0.5, polygons=[np.vstack([QUAD[:3], [[1, np.nan]]])]), r"a\.jpg: expected \(K, 2\) finite points"),
    ],
)
def test_predictions_that_break_the_contract_are_refused_and_no_file_is_made(tmp_path, wrong, fault):
    with pytest.raises(ValueError, match=fault):
        write_predictions(tmp_path / "p.json", {"a.jpg": wrong})
    assert list(tmp_path.iterdir()) == []
