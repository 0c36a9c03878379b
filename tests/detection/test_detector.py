"""`Detector`: one answer for every input, in original pixels, the same from any number of threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ocr.detection import Detector, Word, Words
from tests.detection.dark import dark_detector, page

SURE, UNSURE = 0, 51  # a darkness of 1 and of 0.8
PAGE = page((8, 40, 40, 52, SURE), (10, 8, 30, 20, UNSURE))


def same(one, other):
    return len(one) == len(other) and all(
        a.score == b.score and np.array_equal(a.polygon, b.polygon) for a, b in zip(one, other, strict=True)
    )


def boxes(words):
    return [[*word.polygon.min(axis=0), *word.polygon.max(axis=0)] for word in words]


def test_the_answer_is_one_list_of_words_for_each_image():
    detector = dark_detector()
    (alone,) = detector(PAGE)
    assert isinstance(alone, Words)
    assert [len(words) for words in detector([PAGE, page(), PAGE])] == [2, 0, 2]
    assert detector(page()) == [[]]
    assert detector([]) == []


def test_words_lie_in_pixels_of_the_original_best_first():
    """The page is shown to the network at half its size."""
    large = page((16, 80, 80, 104, SURE), (20, 16, 60, 40, UNSURE), size=(128, 128))
    (words,) = dark_detector()(large)
    assert [word.score for word in words] == pytest.approx([1.0, 0.8], abs=1e-4)
    np.testing.assert_allclose(boxes(words), [[16, 80, 80, 104], [20, 16, 60, 40]], atol=1e-3)
    assert words[0].polygon.dtype == np.float32
    assert (words.width, words.height) == (128, 128)


def test_a_wide_page_is_padded_and_its_words_stay_where_they_are():
    (words,) = dark_detector()(page((100, 4, 124, 16, SURE), size=(128, 22)))
    np.testing.assert_allclose(boxes(words), [[100, 4, 124, 16]], atol=1.1)


def test_settings_that_change_nothing_may_be_given():
    """Those of a detector as a whole, say: with the exact unclip its ratio is among them."""
    detector = dark_detector()
    settings = detector.metadata.reading.settings
    assert settings["unclip"] == "exact"
    assert same(detector(PAGE, **settings)[0], detector(PAGE)[0])


def test_a_map_is_read_with_settings_that_act_only():
    predicted = dark_detector().predict(PAGE)
    with pytest.raises(ValueError, match="expected unclip=ratio beside unclip_ratio"):
        predicted.words(unclip_ratio=4.0)
    assert len(predicted.words(unclip="ratio", unclip_ratio=0.5)) == 2


def test_the_order_can_be_that_of_reading():
    (words,) = dark_detector()(PAGE, order="reading")
    assert [word.score for word in words] == pytest.approx([0.8, 1.0], abs=1e-4)


def test_settings_count_for_one_call():
    detector = dark_detector()
    (strict,) = detector(PAGE, box_thresh=0.9)
    assert [word.score for word in strict] == pytest.approx([1.0], abs=1e-4)
    assert len(detector(PAGE)[0]) == 2
    assert len(detector(PAGE, max_candidates=1, mode="quad")[0]) == 1


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            {"box_tresh": 0.5},
            TypeError,
            r"expected settings out of img_size, .*, got 'box_tresh', did you mean box_thresh",
        ),
        ({"box_thresh": 2.0}, ValueError, r"expected box_thresh in \[0, 1\], got 2\.0"),
        ({"box_thresh": "0,5"}, ValueError, "expected box_thresh to be a number, got '0,5'"),
        ({"img_size": [64, 64]}, ValueError, r"expected img_size to be a number, got \[64, 64\]"),
        ({"img_size": 100}, ValueError, "expected img_size to be a positive multiple of 32, got 100"),
        (
            {"unclip_ratio": 4.0},
            ValueError,
            "expected unclip=ratio beside unclip_ratio, .* got unclip=exact: add unclip=ra",
        ),
        ({"unclip": "ratio", "shrink_ratio": 0.5}, ValueError, "expected unclip=exact beside shrink_ratio"),
        ({"mode": "quad", "epsilon": 2.0}, ValueError, "expected mode=polygon beside epsilon"),
        ({"max_side": 640}, ValueError, "expected resize=short_side beside max_side"),
        ({"order": "columns"}, ValueError, 'expected order to be "score" or "reading", got \'columns\''),
        ({"channels": "gbr"}, ValueError, 'expected channels to be "rgb" or "bgr", got \'gbr\''),
    ],
)
def test_what_cannot_be_asked_for_is_an_error(arguments, kind, message):
    with pytest.raises(kind, match=message):
        dark_detector()(PAGE, **arguments)


def test_load_takes_no_setting_that_it_does_not_know():
    with pytest.raises(TypeError, match="thread"):
        Detector.load(thread=2)


def test_an_image_that_cannot_be_read_is_named_by_its_number():
    with pytest.raises(TypeError, match=r"image 1: expected a path, the bytes of an image file, .* got None"):
        dark_detector()([PAGE, None])


def test_threads_that_share_a_detector_get_what_one_thread_gets():
    detector, random = dark_detector(), np.random.default_rng(1)
    pages = [page((4 + n, 6, 40 + n, 20, SURE), (8, 40 - n, 50, 56, UNSURE)) for n in range(4)]
    calls = [(pages[n % 4], {"box_thresh": 0.9, "order": "reading"} if n % 2 else {}) for n in range(200)]
    expected = [detector(image, **settings)[0] for image, settings in calls]
    with ThreadPoolExecutor(8) as pool:
        order = random.permutation(200).tolist()
        found = list(pool.map(lambda n: detector(calls[n][0], **calls[n][1])[0], order))
    assert all(same(words, expected[n]) for n, words in zip(order, found, strict=True))
    assert {len(words) for words in expected} == {1, 2}


# ---- words


WORDS = Words([Word(np.array([[20, 10], [60, 10], [60, 30], [20, 30]], np.float32), 0.9)], width=200, height=100)


def test_coordinates_can_be_relative_or_in_percent():
    assert boxes(WORDS.relative()) == [pytest.approx([0.1, 0.1, 0.3, 0.3])]
    assert boxes(WORDS.percent()) == [pytest.approx([10, 10, 30, 30])]
    assert boxes(WORDS.relative().percent()) == [pytest.approx([10, 10, 30, 30])]
    assert WORDS.relative()[0].score == 0.9
    assert Words([], 200, 100).percent() == []


@pytest.mark.parametrize("words", [WORDS, WORDS.relative()], ids=["pixels", "relative"])
def test_a_picture_shows_the_words_on_an_image_of_any_size(words):
    pixels = np.full((50, 100, 3), 255, np.uint8)  # half the size of the words' image
    drawn = np.asarray(words.draw(pixels))
    rows, columns = np.nonzero((drawn != 255).any(axis=2))
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == pytest.approx((10, 5, 30, 15), abs=1)
    assert pixels.min() == 255


def test_a_picture_of_an_array_of_opencv_has_its_colours():
    blue = np.full((50, 100, 3), (255, 0, 0), np.uint8)  # blue comes first there
    assert WORDS.draw(blue, channels="bgr").getpixel((0, 0)) == (0, 0, 255)
    assert WORDS.draw(blue).getpixel((0, 0)) == (255, 0, 0)
    with pytest.raises(ValueError, match=r'expected channels to be "rgb" or "bgr", got \'gbr\''):
        WORDS.draw(blue, channels="gbr")
