"""Two predictions of the same images side by side."""

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.submission.comparison import compare_predictions, read_side, write_changes
from ocr.submission.matching import PolygonChanges, compare_polygons
from ocr.submission.predictions import PredictedImage
from tests.small_data import block


def words(*boxes):
    return [np.array(block(*box), np.float32) for box in boxes]


def predicted(**images):
    return {f"{name}.jpg": PredictedImage(words(*boxes), None) for name, boxes in images.items()}


def labels(**images):
    return {
        f"{name}.jpg": ImageAnnotation(f"{name}.jpg", 200, 200, tuple(map(Word, words(*boxes))))
        for name, boxes in images.items()
    }


A, B, C = (10, 10, 60, 20), (10, 50, 60, 20), (10, 90, 60, 20)


class TestPolygons:
    """Which polygons are the same word."""

    def test_each_polygon_stays_moves_goes_or_comes(self):
        """A word 60 px wide that moves by 10 keeps 50 of 70: IoU 0.71."""
        moved = (20, 50, 60, 20)
        changes = compare_polygons(words(A, B, C), words(A, moved, (100, 150, 30, 10), (150, 10, 30, 10)))
        assert changes == PolygonChanges(stayed=1, moved=1, lost=1, gained=2)
        assert changes.changed == 4
        assert changes.agreement == pytest.approx(2 * 2 / (3 + 4))

    def test_a_word_cut_in_half_is_another_word(self):
        """The halves have an IoU of 0.5 exactly, which does not exceed it."""
        changes = compare_polygons(words(A), words((10, 10, 30, 20), (40, 10, 30, 20)))
        assert changes == PolygonChanges(stayed=0, moved=0, lost=1, gained=2)

    def test_the_best_partner_wins_whatever_the_order(self):
        near, nearer = (14, 10, 60, 20), (11, 10, 60, 20)
        for after in (words(near, nearer), words(nearer, near)):
            assert compare_polygons(words(A), after) == PolygonChanges(stayed=1, moved=0, lost=0, gained=1)

    def test_whole_pixels_move_no_small_word(self):
        word = np.array([[0.5, 0.5], [20.5, 0.5], [20.5, 10.5], [0.5, 10.5]], np.float32)
        inner = words((1, 1, 19, 9))
        assert compare_polygons([word], inner).stayed == 1

    def test_exchanged_sides_exchange_lost_and_gained(self):
        assert compare_polygons(words(A, B), words(B, (20, 90, 5, 5), C)) == PolygonChanges(1, 0, lost=1, gained=2)
        assert compare_polygons(words(B, (20, 90, 5, 5), C), words(A, B)) == PolygonChanges(1, 0, lost=2, gained=1)

    @pytest.mark.parametrize(("before", "after", "agreement"), [((), (), 1), ((A,), (), 0), ((), (A,), 0)])
    def test_nothing_agrees_with_nothing_only(self, before, after, agreement):
        assert compare_polygons(words(*before), words(*after)).agreement == agreement


class TestComparison:
    """What labels say of the change."""

    def test_the_largest_change_comes_first(self):
        truth = labels(few=[A], all=[A, B, C], some=[A, B, C])
        before = predicted(few=[A], all=[A, B, C], some=[A, B, C])
        after = predicted(few=[A], all=[], some=[A, C])
        comparison = compare_predictions(before, after, truth)
        assert [image.filename for image in comparison.images] == ["all.jpg", "some.jpg", "few.jpg"]
        first, second, third = comparison.images
        assert (first.before, first.after, first.gain) == (1, 0, -1)
        assert second.after == pytest.approx(0.8)  # 2 of 3 words: P = 1, R = 2/3
        assert (third.gain, third.polygons) == (0, PolygonChanges(1, 0, 0, 0))
        assert comparison.polygons == PolygonChanges(stayed=3, moved=0, lost=4, gained=0)

    def test_scores_and_their_gain_are_those_of_the_images(self):
        truth = labels(a=[A, B], b=[A, B])
        comparison = compare_predictions(predicted(a=[A], b=[A, B]), predicted(a=[A, B], b=[A, B]), truth)
        before, after, gain = comparison.labelled
        assert before == pytest.approx((1, 0.75, (2 / 3 + 1) / 2))
        assert after == (1, 1, 1)
        assert gain.mean == pytest.approx(1 / 6)
        assert gain.probability == pytest.approx(0.75 + 0.125, abs=0.02)  # b twice, in 1/4 of the resamples, is a tie

    def test_without_labels_the_agreement_counts(self):
        comparison = compare_predictions(predicted(a=[A], b=[A, B]), predicted(a=[A], b=[C]))
        assert comparison.labelled is None
        assert [(image.filename, image.before, image.polygons.agreement) for image in comparison.images] == [
            ("b.jpg", None, 0),
            ("a.jpg", None, 1),
        ]

    def test_labelled_images_that_nobody_asked_for_count_nowhere(self, caplog):
        comparison = compare_predictions(predicted(a=[A]), predicted(a=[A]), labels(a=[A], b=[B], c=[C]))
        assert comparison.labelled.after.hmean == 1
        assert comparison.labelled.hmean.probability == 0.5  # the same predictions do not differ
        assert "2 labelled images are in neither prediction" in caplog.text

    def test_other_images_and_none_are_refused_by_name(self):
        with pytest.raises(ValueError, match=r"1 in the first only \(a.jpg\) and 2 in the second only \(c.jpg, d"):
            compare_predictions(predicted(a=[], b=[]), predicted(b=[], c=[], d=[]))
        with pytest.raises(ValueError, match=r"such as b.jpg: these labels belong to another split"):
            compare_predictions(predicted(a=[], b=[]), predicted(a=[], b=[]), labels(a=[A]))
        with pytest.raises(ValueError, match="one image at least, got none"):
            compare_predictions({}, {})


class TestFiles:
    """What is read and written."""

    def test_a_folder_is_read_by_what_the_leaderboard_scores(self, tmp_path):
        (tmp_path / "submission.csv").write_text("filename,polygons\na.jpg,1 1 9 1 9 5 1 5\nb.jpg,\n")
        side = read_side(tmp_path)
        assert {name: len(image.polygons) for name, image in side.items()} == {"a.jpg": 1, "b.jpg": 0}
        assert read_side(tmp_path / "submission.csv").keys() == side.keys()
        with pytest.raises(ValueError, match=r"gone: expected a folder with submission.csv, .*, found nothing"):
            read_side(tmp_path / "gone")

    def test_changes_are_written_one_row_an_image(self, tmp_path):
        truth = labels(a=[A, B], b=[A])
        comparison = compare_predictions(predicted(a=[A, B], b=[A]), predicted(a=[A], b=[A]), truth)
        write_changes(tmp_path / "changes.csv", comparison)
        assert (tmp_path / "changes.csv").read_text().splitlines() == [
            "filename,hmean_before,hmean_after,gain,agreement,stayed,moved,lost,gained",
            "a.jpg,1.000000,0.666667,-0.333333,0.666667,1,0,1,0",
            "b.jpg,1.000000,1.000000,0.000000,1.000000,1,0,0,0",
        ]
        write_changes(tmp_path / "unlabelled.csv", compare_predictions(predicted(a=[A]), predicted(a=[])))
        assert (tmp_path / "unlabelled.csv").read_text().splitlines()[1] == "a.jpg,,,,0.000000,0,0,1,0"
