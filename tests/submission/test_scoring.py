"""A prediction file against labels: every annotated image counts."""

import unicodedata

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.submission import PredictedImage
from ocr.submission.scoring import check_coverage, score_predictions


def square(x, y=0.0, side=10.0):
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], dtype=np.float32)


def labelled(name, *words, ignore=()):
    return ImageAnnotation(name, 100, 100, tuple(Word(word, index in ignore) for index, word in enumerate(words)))


LABELS = {name: labelled(name, square(0), square(30)) for name in ("a.jpg", "b.jpg")}


def found(*polygons):
    return PredictedImage(list(polygons), None)


def test_predictions_equal_to_the_labels_score_one():
    result = score_predictions(LABELS, {name: found(square(0), square(30)) for name in LABELS})
    assert result.cleval == pytest.approx((1, 1, 1))
    assert result.iou == pytest.approx((1, 1, 1))


def test_an_image_without_a_prediction_pulls_the_mean_down():
    result = score_predictions(LABELS, {"b.jpg": found(square(0), square(30))})
    assert result.cleval == pytest.approx((0.5, 0.5, 0.5))  # the mean of 0 and 1
    assert result.iou == pytest.approx((1, 0.5, 2 / 3))  # 2 of 2 detections, 2 of 4 words
    assert list(result.images) == ["a.jpg", "b.jpg"]
    nothing = score_predictions(LABELS, {})
    assert (nothing.cleval, nothing.iou) == ((0, 0, 0), (0, 0, 0))


def test_images_without_a_prediction_are_counted_and_named(caplog):
    check_coverage(LABELS, {name: found() for name in LABELS})
    assert caplog.text == ""
    check_coverage(LABELS, {"a.jpg": found()})
    assert "1 of 2 annotated images have no prediction and count as empty: b.jpg" in caplog.text
    with pytest.raises(ValueError, match="expected predictions for the 2 annotated images, got none"):
        check_coverage(LABELS, {})


def test_names_are_the_same_in_every_unicode_form(caplog):
    composed, decomposed = (unicodedata.normalize(form, "영수증.jpg") for form in ("NFC", "NFD"))
    for label, prediction in ((composed, decomposed), (decomposed, composed)):
        labels, predictions = {label: labelled(label, square(0))}, {prediction: found(square(0))}
        check_coverage(labels, predictions)
        result = score_predictions(labels, predictions)
        assert result.cleval.hmean == pytest.approx(1)
        assert list(result.images) == [label]
    assert caplog.text == ""


def test_predictions_for_an_image_of_another_size_are_refused():
    predictions = {"a.jpg": PredictedImage([square(0)], None, (200, 200))}
    with pytest.raises(ValueError, match=r"a\.jpg: expected predictions for an image of 100 x 100 px .* 200 x 200 px"):
        score_predictions(LABELS, predictions)


def test_images_that_a_csv_reaches_outside_of_are_counted_and_one_is_named(caplog):
    """The tolerance of labels is 5 px or 2 %; these are 100 x 100 px."""
    score_predictions(LABELS, {"a.jpg": found(square(95)), "b.jpg": found(square(-5))})
    assert caplog.text == ""
    score_predictions(LABELS, {"a.jpg": found(square(0), square(30, 96)), "b.jpg": found(square(0))})
    assert (
        "predictions reach outside 1 of 2 images, such as a.jpg: expected y in 0..100 as displayed, got 106; are"
        in (caplog.text)
    )
    caplog.clear()
    unsized = {"a.jpg": ImageAnnotation("a.jpg", None, None, LABELS["a.jpg"].words)}
    score_predictions(unsized, {"a.jpg": found(square(500))})
    assert caplog.text == ""


def test_ignored_words_count_on_neither_side():
    labels = {"a.jpg": labelled("a.jpg", square(0), square(30), ignore={1})}
    for predictions in (found(square(0)), found(square(0), square(30))):
        result = score_predictions(labels, {"a.jpg": predictions})
        assert result.cleval == pytest.approx((1, 1, 1))
        assert result.iou == pytest.approx((1, 1, 1))


def test_false_words_cost_precision_only():
    result = score_predictions(
        {"a.jpg": LABELS["a.jpg"]}, {"a.jpg": found(square(0), square(30), square(60), square(80))}
    )
    assert result.iou == pytest.approx((0.5, 1, 2 / 3))
    assert result.cleval.recall == pytest.approx(1)
    assert result.cleval.precision < 0.6


def test_images_without_labels_are_refused():
    predictions = {f"other_{number}.jpg": found() for number in range(7)} | {"a.jpg": found()}
    with pytest.raises(
        ValueError, match=r"the 2 annotated images only, got 7 others, such as other_0.*other_4\.jpg and 2 more: these"
    ):
        score_predictions(LABELS, predictions)
