"""A vote of several members on the words of one image."""

from itertools import permutations

import numpy as np
import pytest

from ocr.ensemble import vote_polygons
from ocr.ensemble.clusters import cluster_polygons
from ocr.submission import PredictedImage
from tests.oracles.polygons import bent_line, box, iou, tilted_box


def found(*polygons, scores=None):
    return PredictedImage(list(polygons), None if scores is None else np.array(scores, np.float32))


def as_lists(detections):
    return [polygon.tolist() for polygon in detections.polygons]


WORD = box(0, 0, 100, 20)
NARROWER = box(0, 0, 80, 20)  # IoU 1600 / 2000 = 0.8 with WORD
HALF = box(0, 0, 50, 20)  # IoU 0.5 with WORD
LESS_THAN_HALF = box(0, 0, 49, 20)  # 0.49
ELSEWHERE = box(0, 50, 100, 70)


def test_a_word_that_two_of_three_found_stays_as_the_surest_of_them_drew_it():
    members = [found(WORD, ELSEWHERE, scores=[0.7, 0.6]), found(NARROWER, scores=[0.9]), found(scores=[])]
    result = vote_polygons(members)
    assert as_lists(result) == [NARROWER.tolist()]
    assert result.scores.tolist() == pytest.approx([(0.7 + 0.9 + 0.0) / 3])


@pytest.mark.parametrize(("vote", "kept"), [(0.3, 2), (0.31, 1), (0.7, 1), (0.71, 0)])
def test_votes_count_by_weight(vote, kept):
    """Members of 0.1, 0.2 and 0.7: the first two share a word (0.1 + 0.2 is 0.30000000000000004), the third has one."""
    members = [found(WORD), found(WORD), found(ELSEWHERE)]
    assert len(vote_polygons(members, [0.1, 0.2, 0.7], vote=vote).polygons) == kept


LINE = np.array([[0, 0], [10, 0], [20, 0], [30, 0]], np.float32)


@pytest.mark.parametrize(
    ("members", "settings", "polygons", "scores"),
    [
        ([found(WORD, scores=[0.8]), found(scores=[])], {}, [], []),  # half of the weight is no majority
        ([found(WORD, scores=[0.8]), found(scores=[])], {"vote": 0.5}, [WORD], [0.4]),  # unless half is asked for
        ([found(WORD, WORD, NARROWER), found(ELSEWHERE), found()], {}, [], []),  # a member has one vote for a word
        (  # NARROWER comes first in its list but WORD fits better; NARROWER is then alone
            [found(WORD, scores=[0.9]), found(NARROWER, WORD, scores=[0.8, 0.5])],
            {"vote": 0.5},
            [WORD, NARROWER],
            [(0.9 + 0.5) / 2, 0.8 / 2],
        ),
        (  # the surest one draws the word, not the one of most weight
            [found(WORD, scores=[0.7]), found(NARROWER, scores=[0.9])],
            {"weights": [0.6, 0.4]},
            [NARROWER],
            [0.6 * 0.7 + 0.4 * 0.9],
        ),
        ([found(WORD), found(NARROWER, scores=[0.9])], {}, [WORD], [1.0]),  # scores count where all have them
        ([found(ELSEWHERE, WORD, scores=[0.5, 0.5])] * 2, {}, [ELSEWHERE, WORD], [0.5, 0.5]),  # equal: in their order
        ([found(LINE), found(LINE)], {}, [], []),  # without area nothing agrees
        ([found(), found()], {}, [], []),
        ([found(scores=[])], {}, [], []),
    ],
)
def test_what_is_kept_and_how_sure_it_is(members, settings, polygons, scores):
    result = vote_polygons(members, **settings)
    assert as_lists(result) == [polygon.tolist() for polygon in polygons]
    assert ([] if result.scores is None else result.scores.tolist()) == pytest.approx(scores)


@pytest.mark.parametrize(("other", "kept"), [(HALF, 1), (LESS_THAN_HALF, 0)])
def test_polygons_mean_the_same_word_from_the_iou_on_that_is_asked_for(other, kept):
    assert len(vote_polygons([found(WORD), found(other)], vote=1.0, iou_threshold=0.5).polygons) == kept


def test_without_scores_the_member_of_the_highest_weight_draws_the_word_and_of_equal_ones_the_first():
    assert as_lists(vote_polygons([found(WORD), found(NARROWER)])) == [WORD.tolist()]
    assert as_lists(vote_polygons([found(NARROWER), found(WORD)])) == [NARROWER.tolist()]
    assert as_lists(vote_polygons([found(WORD), found(NARROWER)], [0.4, 0.6])) == [NARROWER.tolist()]


def test_what_more_members_agree_on_comes_first():
    members = [found(ELSEWHERE, WORD), found(WORD), found(WORD, ELSEWHERE)]
    result = vote_polygons(members)
    assert as_lists(result) == [WORD.tolist(), ELSEWHERE.tolist()]
    assert result.scores.tolist() == pytest.approx([1.0, 2 / 3])


def test_a_member_of_weight_0_is_not_looked_at():
    first = found(WORD, ELSEWHERE, scores=[0.5, 0.4])
    result = vote_polygons([first, found(NARROWER, scores=[0.9])], [1, 0])
    assert as_lists(result) == as_lists(first)
    assert result.scores.tolist() == first.scores.tolist()


def random_words(seed, count=40, *, shift=2.0):
    """Tilted words in rows, each moved a little; two lie so near that they may be taken for another."""
    rng = np.random.default_rng(seed)
    words = [
        tilted_box(*(np.array([60 + 90 * (n % 5), 20 + 14 * (n // 5)]) + rng.normal(0, shift, 2)), 80, 14, rng.normal())
        for n in range(count)
    ]
    return found(*words, scores=np.sort(rng.uniform(0.3, 1.0, count).astype(np.float32))[::-1])


@pytest.mark.parametrize("copies", [1, 2, 3, 5])
def test_equal_members_come_back_as_they_are_with_their_scores(copies):
    member = random_words(0)
    result = vote_polygons([member] * copies, vote=1.0)
    assert as_lists(result) == as_lists(member)
    np.testing.assert_array_equal(result.scores, member.scores)


def test_the_order_of_the_members_matters_to_nothing_where_all_have_scores():
    members, weights = [random_words(seed) for seed in range(4)], [0.4, 0.2, 0.3, 0.1]
    expected = vote_polygons(members, weights)
    own = {polygon.tobytes() for member in members for polygon in member.polygons}
    assert 20 < len(expected.polygons) <= 45
    assert all(polygon.tobytes() in own for polygon in expected.polygons)  # never averages
    for order in permutations(range(4)):
        result = vote_polygons([members[index] for index in order], [weights[index] for index in order])
        assert as_lists(result) == as_lists(expected)
        np.testing.assert_allclose(result.scores, expected.scores, rtol=1e-6)
    equal = [found(tilted_box(50, 20, 80, 14, degrees), scores=[0.5]) for degrees in (-1, 0, 1)]
    assert len({str(as_lists(vote_polygons(list(order)))) for order in permutations(equal)}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vote": 0.0}, r"vote in \(0, 1\]"),
        ({"vote": 1.5}, r"vote in \(0, 1\]"),
        ({"iou_threshold": 1.0}, r"iou_threshold in \(0, 1\)"),
        ({"weights": [1.0]}, "a weight for each of the 2 members, got 1"),
        ({"weights": [1.0, -1.0]}, "weights of at least 0"),
        ({"weights": [0.0, 0.0]}, "not all of them 0"),
        ({"weights": [float("nan"), 1.0]}, "weights of at least 0"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        vote_polygons([found(WORD), found(WORD)], **arguments)
    with pytest.raises(ValueError, match="one member at least"):
        vote_polygons([])


def plain_groups(polygons, members, iou_threshold):
    """As the docstring has it, by shapely and nested loops."""
    groups = [-1] * len(polygons)
    for first in range(len(polygons)):
        if groups[first] >= 0:
            continue
        groups[first] = first
        for member in set(members.tolist()) - {members[first]}:
            free = [n for n in range(len(polygons)) if groups[n] < 0 and members[n] == member]
            best = max(free, key=lambda n: (iou(polygons[first], polygons[n]), -n), default=None)
            if best is not None and iou(polygons[first], polygons[best]) >= iou_threshold:
                groups[best] = first
    return groups


@pytest.mark.parametrize("iou_threshold", [0.2, 0.5, 0.8])
def test_groups_are_those_of_plain_loops_with_shapely(iou_threshold):
    rng = np.random.default_rng(1)
    centers = rng.uniform(20, 140, (15, 2)).repeat(4, axis=0) + rng.normal(0, 1, (60, 2))
    polygons = [bent_line(x, y, *rng.uniform([40, 14], [50, 18]), rng.uniform(-2, 2)) for x, y in centers]
    bow_tie = np.array([[0, 0], [40, 20], [40, 0], [0, 20]], np.float32)
    polygons += [bow_tie + 1, bow_tie, box(0, 0, 40, 20)]
    members = rng.integers(0, 4, len(polygons))
    groups = cluster_polygons(polygons, members, iou_threshold)
    assert groups.tolist() == plain_groups(polygons, members, iou_threshold)
    assert len(set(groups.tolist())) < len(polygons)
