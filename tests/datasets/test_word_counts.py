"""Words are counted before a training starts; a split without any is refused."""

import numpy as np
import pytest

from ocr.annotations.words import ImageAnnotation, Word
from ocr.datasets.word_counts import WordCounts, check_scorable, count_words
from ocr.transforms.geometric import Letterbox
from tests.small_data import block


def labelled(words, ignore):
    return ImageAnnotation("a.png", 640, 640, tuple(map(Word, map(np.float32, words), ignore)))


def counted(words, ignore, size=(640, 640), img_size=640):
    return count_words([(labelled(words, ignore), size)], Letterbox(img_size), shrink_ratio=0.4)


def test_ignored_and_small_words_are_counted_beside_those_that_train():
    words = [block(10, 10, 100, 30), block(10, 60, 100, 30), block(10, 110, 100, 2), block(10, 130, 20, 20)]
    assert counted(words, [False, True, False, False]) == WordCounts(words=4, ignored=1, small=1)
    assert counted([block(1, 1, 100, 1)], [True]) == WordCounts(words=1, ignored=1, small=0)  # both: an ignored one


def test_small_is_what_is_under_three_pixels_of_the_input():
    # 9 px high at a third of the size: just 3 px; at a quarter: 2.25 px
    assert counted([block(99, 99, 300, 9)], [False], img_size=640, size=(1920, 1920)).small == 0
    assert counted([block(99, 99, 300, 9)], [False], img_size=480, size=(1920, 1920)).small == 1


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (WordCounts(8540, 96, 32), "8,412 of 8,540 words train: 96 ignored, 32 under 3 px"),
        (WordCounts(10, 0, 1), "9 of 10 words train: 1 under 3 px"),
        (WordCounts(10, 10, 0), "0 of 10 words train: 10 ignored"),
        (WordCounts(10, 0, 0), "10 of 10 words train"),
        (WordCounts(0, 0, 0), "0 of 0 words train"),
    ],
)
def test_the_counts_are_told_in_a_sentence(counts, sentence):
    assert str(counts) == sentence


def test_labels_without_a_readable_word_are_refused():
    word = block(0, 0, 9, 9)
    check_scorable([labelled([], []), labelled([word, word], [True, False])], "val")
    with pytest.raises(
        ValueError, match="nothing to score in test: no readable word in its 2 images, all 3 words are ig"
    ):
        check_scorable([labelled([word], [True]), labelled([word] * 2, [True, True])], "test")
    with pytest.raises(ValueError, match="no readable word in its 1 images, they hold no word at all"):
        check_scorable([labelled([], [])], "test")
    with pytest.raises(ValueError, match="no readable word in its 0 images"):
        check_scorable([], "test")
