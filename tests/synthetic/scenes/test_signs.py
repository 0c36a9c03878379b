"""Signs: labels lie on the ink, and the border cuts words as it cuts signs."""

import cv2
import numpy as np
import pytest

from synthetic.receipts import paper
from synthetic.scenes import signs
from tests.synthetic.receipts.test_render import ink_gaps

WHITE = np.ones((480, 640, 3), np.float32)


@pytest.fixture
def plain_ink(monkeypatch):
    """Words without plates on white, in an even light, without blur and noise."""
    monkeypatch.setattr(signs, "PLATES", 0.0)
    monkeypatch.setattr(paper, "lighting", lambda rng, height, width: np.ones((height, width), np.float32))
    monkeypatch.setattr(paper, "photograph", lambda rng, image, blur, noise: np.rint(image * 255).astype(np.uint8))


def draw(seed):
    return signs.draw_signs(np.random.default_rng(seed), WHITE, 8)


@pytest.mark.usefixtures("plain_ink")
def test_ink_is_in_every_polygon_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(signs, "OVERHANG", 0.0)
    for seed in range(3):
        drawn = draw(seed)
        assert drawn.polygons
        assert not any(drawn.ignore)
        ink = drawn.image.min(axis=2) < 230  # edges of the faintest words, 64 levels below white in the mean, are lost
        for polygon in drawn.polygons:
            area = np.zeros(ink.shape, np.uint8)
            cv2.fillPoly(area, [np.int32(np.rint(polygon - 0.5))], 1)
            assert ink[area > 0].mean() > 0.05
            ink[cv2.dilate(area, np.ones((3, 3), np.uint8)) > 0] = False
        assert not ink.any()


@pytest.mark.usefixtures("plain_ink")
def test_polygons_hug_the_ink_evenly_on_all_four_sides(monkeypatch):
    monkeypatch.setattr(signs, "OVERHANG", 0.0)
    made = [draw(seed) for seed in range(3)]
    gaps = np.median([ink_gaps(drawn.image, polygon) for drawn in made for polygon in drawn.polygons], axis=0)
    # The margin is 0.04 em, 0.6 to 3.6 px. A frame that is half a pixel off moves two opposite sides apart by 1 px.
    assert np.all((gaps > 0.2) & (gaps < 3.0))
    assert abs(gaps[0] - gaps[2]) < 0.6
    assert abs(gaps[1] - gaps[3]) < 0.6


def test_a_phrase_is_a_line_of_a_sign():
    ground = WHITE
    words, lines = (signs.draw_signs(np.random.default_rng(2), ground, 8, unit) for unit in ("word", "phrase"))
    assert np.array_equal(words.image, lines.image)
    assert len(lines.polygons) < len(words.polygons)
    assert [text for line in lines.transcriptions for text in line.split()] == words.transcriptions


def test_words_that_the_border_cuts_are_clipped_and_ignored(monkeypatch):
    monkeypatch.setattr(signs, "OVERHANG", 0.7)
    made = [draw(seed) for seed in range(4)]
    cut = 0
    for drawn in made:
        labels = zip(drawn.polygons, drawn.transcriptions, drawn.ignore, strict=True)
        for polygon, text, ignored in labels:
            assert (polygon >= 0).all()
            assert (polygon <= (640, 480)).all()
            assert len(polygon) >= 4
            assert (text == "###") == ignored
            cut += ignored
    assert 0 < cut < sum(len(drawn.polygons) for drawn in made)


def test_no_signs_leave_a_photograph_without_words():
    drawn = signs.draw_signs(np.random.default_rng(0), WHITE, 0)
    assert drawn.image.shape == (480, 640, 3)
    assert drawn.polygons == drawn.transcriptions == drawn.ignore == []


def test_every_word_can_be_drawn_by_the_shipped_fonts():
    rng = np.random.default_rng(0)
    words = [signs.random_word(rng) for _ in range(300)]
    assert all(word and not set(word) - set(signs.characters()) for word in words)
    assert {signs.has_hangul(word) for word in words} == {True, False}
