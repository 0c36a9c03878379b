"""How much of their words two images have in common."""

import pytest

from ocr.cross_validation.text_similarity import similar_pairs, words_of

TEN = "one two three four five six seven eight nine ten"
NINE_OF_THEM = "one two three four five six seven eight nine"


def test_words_count_as_often_as_they_come_whatever_their_order_case_and_lines():
    assert words_of(["TOTAL 12.00", "Cash"]) == words_of(["cash", "00", "total", "12"])
    assert len(words_of(["a b a", "a"])) == 4
    assert words_of(["a b"]) != words_of(["a a b"])
    assert words_of(["###", "", "  "]) == frozenset()  # unreadable words are none


@pytest.mark.parametrize(
    ("one", "other", "fraction"),
    [
        (TEN, TEN, 1.0),
        (TEN, f"{NINE_OF_THEM} other", 9 / 11),  # nine shared, eleven in all
        (TEN, f"{TEN} ten", 10 / 11),
        (TEN, "a b c d e f g h i j", 0.0),
    ],
)
def test_the_measure_is_the_shared_part_of_all_words(one, other, fraction):
    images = [words_of([one]), words_of([other])]
    found = [similarity for similarity in (0.05, 0.5, 0.8, 0.85, 0.95, 1.0) if similar_pairs(images, similarity)]
    assert found == [similarity for similarity in (0.05, 0.5, 0.8, 0.85, 0.95, 1.0) if similarity <= fraction]


def test_images_of_few_words_or_none_are_not_compared_and_exactly_the_threshold_is_enough():
    assert similar_pairs([words_of([NINE_OF_THEM])] * 2, 0.9) == []
    assert similar_pairs([words_of([TEN]), frozenset(), frozenset(), words_of([TEN])], 0.9) == [(0, 3)]
    assert similar_pairs([], 0.9) == []
    assert similar_pairs([words_of([TEN]), words_of([f"{NINE_OF_THEM} other"])], 9 / 11) == [(0, 1)]


def test_a_common_heading_joins_nothing():
    heading = "shop street city phone tax invoice date"  # 7 words of 27
    images = [words_of([heading, " ".join(f"{k}w{n}" for n in range(20))]) for k in range(30)]
    assert similar_pairs(images, 0.9) == []


def test_pairs_are_found_in_every_block_of_rows():
    """Blocks have 512."""
    images = [words_of([" ".join(f"{k}w{n}" for n in range(10))]) for k in range(600)]
    images[599] = images[520]
    assert similar_pairs(images, 0.9) == [(520, 599)]


@pytest.mark.parametrize("wrong", [0.0, 1.01, -1.0])
def test_an_impossible_similarity_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected a text similarity in \(0, 1\]"):
        similar_pairs([], wrong)
