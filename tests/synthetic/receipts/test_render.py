"""Whole receipts: repeatable, labelled to the pixel, as many words and points as asked for."""

import cv2
import numpy as np
import pytest

from synthetic.receipts import generate_receipt

ZOOM = 4  # rectified words are looked at in quarter pixels
PAD = 4  # px around the word's polygon


@pytest.fixture(scope="module")
def receipt():
    return generate_receipt(7, 0, illegible=0.0)


def signed_area(polygon):
    x, y = polygon.astype(np.float64).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def ink_gaps(image, quad):
    """Distance in px from each side of the quad (left, top, right, bottom) inwards to the word's ink."""
    width, height = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
    sides = np.array([[0, 0], [width, 0], [width, height], [0, height]]) + PAD
    # Continuous coordinates to OpenCV's, whose integers are pixel centres, on both sides.
    matrix = cv2.getPerspectiveTransform((quad - 0.5).astype(np.float32), (sides * ZOOM - 0.5).astype(np.float32))
    size = (int((width + 2 * PAD) * ZOOM), int((height + 2 * PAD) * ZOOM))
    grey = cv2.cvtColor(cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC), cv2.COLOR_RGB2GRAY)
    inside = grey[PAD * ZOOM : int((PAD + height) * ZOOM), PAD * ZOOM : int((PAD + width) * ZOOM)].astype(float)
    paper, ink = np.percentile(inside, 95), np.percentile(inside, 2)
    rows, columns = np.nonzero(inside < (paper + ink) / 2)
    end_y, end_x = inside.shape[0], inside.shape[1]
    return np.array([columns.min(), rows.min(), end_x - columns.max() - 1, end_y - rows.max() - 1]) / ZOOM


def test_equal_numbers_give_equal_pixels_and_labels_and_others_do_not(receipt):
    again = generate_receipt(7, 0, illegible=0.0)
    assert np.array_equal(receipt.image, again.image)
    assert all(np.array_equal(a, b) for a, b in zip(receipt.polygons, again.polygons, strict=True))
    assert receipt.transcriptions == again.transcriptions
    for seed, index in ((7, 1), (8, 0)):
        assert generate_receipt(seed, index).transcriptions != receipt.transcriptions


@pytest.mark.parametrize(("points", "curve"), [(4, 0.0), (14, 1.0)])
def test_an_image_of_1024_px_takes_110_regions_of_either_kind(points, curve):
    made = generate_receipt(1, 2, width=1024, height=1024, regions=110, points=points, curve=curve)
    assert made.image.shape == (1024, 1024, 3)
    assert [polygon.shape for polygon in made.polygons] == [(points, 2)] * 110
    assert all(polygon.dtype == np.float32 for polygon in made.polygons)


def test_a_receipt_has_one_label_of_each_kind_per_word(receipt):
    assert receipt.image.dtype == np.uint8
    assert 500 <= receipt.image.shape[1] <= 760
    assert 800 <= receipt.image.shape[0] <= 1280
    assert len(receipt.polygons) == len(receipt.transcriptions) == len(receipt.ignore) >= 30
    assert not any(" " in text or not text for text in receipt.transcriptions)


@pytest.mark.parametrize(("points", "curve"), [(4, 0.0), (14, 1.0)])
def test_a_phrase_is_the_words_that_a_space_parts_under_one_label(points, curve):
    words, phrases = (
        generate_receipt(7, 3, curve=curve, points=points, illegible=0.05, unit=unit) for unit in ("word", "phrase")
    )
    assert np.array_equal(words.image, phrases.image)
    assert len(phrases.polygons) < 0.9 * len(words.polygons)
    place = 0
    for polygon, text, hidden in zip(phrases.polygons, phrases.transcriptions, phrases.ignore, strict=True):
        inside = []
        while place < len(words.polygons) and (
            cv2.pointPolygonTest(polygon, words.polygons[place].mean(axis=0).tolist(), measureDist=False) > 0
        ):
            inside.append(place)
            place += 1
        assert inside
        assert hidden == any(words.ignore[number] for number in inside)
        assert text == ("###" if hidden else " ".join(words.transcriptions[number] for number in inside))
        assert polygon[0] == pytest.approx(words.polygons[inside[0]][0], abs=4)
        last, right = words.polygons[inside[-1]], points // 2 - 1
        assert polygon[right] == pytest.approx(last[right], abs=4)
    assert place == len(words.polygons)


def test_a_receipt_lies_on_the_ground_that_it_is_given(receipt):
    blue = np.full((900, 800, 3), (0, 0, 1), np.float32)
    made = generate_receipt(7, 0, ground=blue, illegible=0.0)
    assert made.image.shape == (900, 800, 3)
    assert made.transcriptions == receipt.transcriptions
    corners = made.image[[2, 2, -3, -3], [2, -3, 2, -3]].astype(int)
    assert (corners[:, 2] - corners[:, :2].max(axis=1) > 60).all()


@pytest.mark.parametrize(
    ("index", "view"), [(0, {}), (1, {}), (2, {}), (3, {"slant": 12.0, "perspective": 0.06, "width": 900})]
)
def test_polygons_hug_the_ink_evenly_on_all_four_sides(index, view):
    receipt = generate_receipt(7, index, illegible=0.0, **view)
    gaps = np.median([ink_gaps(receipt.image, polygon) for polygon in receipt.polygons], axis=0)
    # The margin is 0.04 em, about 1 px here. A frame that is half a pixel off moves two opposite sides apart by 1 px.
    assert np.all((gaps > 0.2) & (gaps < 2.0))
    assert abs(gaps[0] - gaps[2]) < 0.6
    assert abs(gaps[1] - gaps[3]) < 0.6


@pytest.mark.parametrize("curve", [0.0, 1.0])
@pytest.mark.parametrize("index", range(4))
def test_polygons_are_inside_and_clockwise_from_the_top_left(index, curve):
    made = generate_receipt(3, index, curve=curve)
    height, width = made.image.shape[:2]
    for polygon in made.polygons:
        assert polygon.min() >= 0
        assert polygon[:, 0].max() <= width
        assert polygon[:, 1].max() <= height
        assert signed_area(polygon) > 0  # clockwise where y points down
        first, last_of_top, below = polygon[0], polygon[len(polygon) // 2 - 1], polygon[-1]
        assert first[0] < last_of_top[0]
        assert first[1] < below[1]


def test_bent_paper_bends_the_words_of_14_points():
    def bow(curve):
        made = generate_receipt(2, 1, curve=curve, points=14)
        longest = max(made.polygons, key=lambda polygon: np.ptp(polygon[:, 0]))
        top = longest[:7].astype(np.float64)
        along, reach = top[-1] - top[0], top[3] - top[0]
        return abs(along[0] * reach[1] - along[1] * reach[0]) / np.linalg.norm(along)

    assert bow(0.0) < 0.1  # straight, but for rounding and perspective's even spacing
    assert bow(1.0) > 0.5


def test_smudged_words_are_ignored_and_say_nothing():
    made = generate_receipt(0, 0, illegible=1.0)
    assert all(made.ignore)
    assert set(made.transcriptions) == {"###"}


def test_slant_zero_without_bend_leaves_the_lines_nearly_level():
    made = generate_receipt(0, 3, slant=0.0)
    slopes = [np.degrees(np.arctan2(*(p[1] - p[0])[::-1])) for p in made.polygons if np.ptp(p[:, 0]) > 40]
    assert np.abs(slopes).max() < 4  # what is left is perspective


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 10}, "expected width >= 64 px, got 10"),
        ({"height": 63}, "expected height >= 64 px, got 63"),
        ({"curve": 1.5}, r"expected curve in \[0, 1\], got 1.5"),
        ({"regions": 0}, "expected at least 1 word, got 0"),
        ({"points": 5}, "expected an even number of points >= 4, got 5"),
        ({"illegible": -0.1}, r"expected illegible in \[0, 1\], got -0.1"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        generate_receipt(0, 0, **options)
