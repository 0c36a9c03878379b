"""The kind of each error, on words of 100 x 20 px whose areas can be worked out by eye."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.error_analysis import FALSE_KINDS, MISSED_KINDS, find_errors
from ocr.metrics import match_iou
from tests.oracles.polygons import box, tilted_box

LEFT, RIGHT = box(0, 0, 100, 20), box(110, 0, 210, 20)


def kinds(ground_truth, detections, ignored=()):
    """Kinds by number: of missed words, of false detections."""
    flags = [index in ignored for index in range(len(ground_truth))]
    errors = find_errors(ground_truth, flags, detections)
    return {one.word: one.kind for one in errors.missed}, {one.detection: one.kind for one in errors.false}


def test_a_match_is_no_error():
    errors = find_errors([LEFT, RIGHT], [False, False], [RIGHT, LEFT])
    assert (errors.missed, errors.false, errors.matched, errors.rejected) == ((), (), ((0, 1), (1, 0)), ())


@pytest.mark.parametrize(
    ("found", "missed", "false"),
    [
        ([], {0: "none"}, {}),
        ([box(300, 0, 400, 20)], {0: "none"}, {0: "background"}),
        ([box(0, 15, 100, 35)], {0: "none"}, {0: "background"}),  # a quarter of either is not more than that
        ([box(0, 14, 100, 34)], {0: "loose"}, {0: "loose"}),  # 30 %, IoU 6 / 34
        ([box(0, 0, 50, 20)], {0: "loose"}, {0: "loose"}),  # IoU 0.5 is not above it
        ([box(-60, -20, 160, 40)], {0: "loose"}, {0: "loose"}),  # 2000 of 13200, the whole word in it
        ([box(0, 0, 30, 20), box(0, 0, 40, 20)], {0: "split"}, {0: "split", 1: "split"}),  # 30 % and 40 %
        ([box(0, 0, 20, 20), box(60, 0, 90, 20)], {0: "loose"}, {0: "piece", 1: "loose"}),  # half of it together
        ([box(0, 0, 60, 20), box(65, 0, 100, 20)], {}, {1: "piece"}),  # the first is its match
        ([LEFT, LEFT], {}, {1: "piece"}),
    ],
)
def test_one_word(found, missed, false):
    assert kinds([LEFT], found) == (missed, false)


@pytest.mark.parametrize(
    ("found", "missed", "false"),
    [
        ([box(0, 0, 210, 20)], {0: "merged", 1: "merged"}, {0: "merged"}),  # IoU 100 / 210
        ([box(0, 0, 165, 20)], {1: "merged"}, {}),  # the match of the first, 100 / 165, has 55 % of the second as well
        ([box(0, 0, 160, 20)], {1: "none"}, {}),  # half of it is not more
        ([LEFT, box(0, 0, 210, 20)], {1: "merged"}, {1: "merged"}),
        ([LEFT, RIGHT, box(0, 0, 210, 20)], {}, {2: "merged"}),  # over words that others found
        ([box(0, 0, 210, 20), box(110, 0, 150, 20)], {0: "merged", 1: "merged"}, {0: "merged", 1: "piece"}),
        ([box(50, 0, 160, 20)], {0: "loose", 1: "loose"}, {0: "loose"}),  # half of each
    ],
)
def test_two_words_beside_each_other(found, missed, false):
    assert kinds([LEFT, RIGHT], found) == (missed, false)


def test_a_merged_word_names_its_partners_and_what_merges_it():
    words = [LEFT, box(300, 0, 400, 20), RIGHT]
    (first, second) = find_errors(words, [False] * 3, [words[1], box(0, 0, 210, 20)]).missed
    assert (first.word, first.detections, first.words) == (0, (1,), (2,))
    assert (second.word, second.detections, second.words) == (2, (1,), (0,))


@pytest.mark.parametrize(
    ("found", "missed", "false"),
    [
        ([RIGHT], {0: "none"}, {}),  # rejected: it counts on neither side
        ([box(150, 0, 250, 20)], {0: "none"}, {}),  # 60 % of it
        ([box(150, 0, 290, 20)], {0: "none"}, {0: "ignored"}),  # 60 of 140
        ([box(0, 0, 210, 20)], {0: "merged"}, {0: "merged"}),  # 100 of 210 in each
        ([box(45, 0, 210, 20)], {0: "merged"}, {}),  # 100 of 165 in the ignored one: rejected, but it has the word
        ([LEFT, box(50, 0, 150, 20)], {}, {1: "piece"}),  # 50 % on the word, 40 % on the ignored one
        ([LEFT, box(55, 0, 155, 20)], {}, {1: "ignored"}),  # 45 % on each
    ],
)
def test_the_right_word_is_ignored(found, missed, false):
    assert kinds([LEFT, RIGHT], found, ignored={1}) == (missed, false)


def test_a_loose_word_tells_the_bias_of_each_side_in_its_own_frame():
    (upright,) = find_errors([LEFT], [False], [box(-5, -20, 110, 30)]).missed
    assert upright.bias.px == pytest.approx((5, 20, 10, 10))
    assert upright.bias.heights == pytest.approx((0.25, 1, 0.5, 0.5))
    word, found = tilted_box(500, 500, 100, 20, 30), tilted_box(500, 500, 40, 20, 30)
    (turned,) = find_errors([word], [False], [found]).missed
    assert turned.bias.px == pytest.approx((-30, 0, -30, 0), abs=1e-3)


def test_numbers_are_places_in_the_lists_also_behind_polygons_that_the_metric_skips():
    triangle = LEFT[:3]
    errors = find_errors([triangle, RIGHT], [False, False], [triangle, LEFT])
    assert [one.word for one in errors.missed] == [1]
    assert [one.detection for one in errors.false] == [1]


def test_flags_of_another_number_are_refused():
    with pytest.raises(ValueError, match=r"expected one ignore flag per ground truth \(1\), got 0"):
        find_errors([LEFT], [], [])


places = st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 40)] * 2)
pages = st.lists(places.map(lambda one: box(one[0], one[1], one[0] + one[2], one[1] + one[3])), max_size=6)


@settings(max_examples=200, deadline=None)
@given(pages, pages, st.integers(0, 63))
def test_the_kinds_add_up_to_what_the_metric_counts_whatever_lies_where(words, found, bits):
    ignore = [bool(bits >> index & 1) for index in range(len(words))]
    errors, score = find_errors(words, ignore, found), match_iou(words, ignore, found)
    assert len(errors.matched) == score.matched
    assert len(errors.missed) == score.ground_truths - score.matched
    assert len(errors.false) == score.detections - score.matched
    assert {one.kind for one in errors.missed} <= set(MISSED_KINDS)
    assert {one.kind for one in errors.false} <= set(FALSE_KINDS)
    everything = [one.detection for one in errors.false] + [one for _, one in errors.matched] + list(errors.rejected)
    assert sorted(everything) == list(range(len(found)))
    for one in errors.missed:
        assert (one.kind == "merged") == bool(one.words)
        assert (one.kind == "none") == (not one.detections)
        if one.kind == "loose":
            assert match_iou([words[one.word]], [False], [found[one.detections[0]]]).matched == 0
            assert np.isfinite(one.bias.px).all()
