"""What the demo does with an image: one forward pass, boxes as often as wanted, a line where it cannot be read."""

import numpy as np
import pytest
from PIL import Image

from ocr.demo.session import SHOWN_SIDE, draw, open_image, typed_settings
from ocr.visualization.overlays import draw_polygons
from tests.demo.counting import PAGE, counted


@pytest.fixture
def saved(tmp_path):
    Image.fromarray(PAGE).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def test_the_network_runs_once_whatever_is_chosen_afterwards(saved):
    demo = counted()
    opened = open_image(demo.detector, saved)
    lines = [draw(opened, {"box_thresh": box_thresh}).line for box_thresh in (0.5, 0.9, 1.0)]
    assert [line.partition(";")[0] for line in lines] == ["2 words", "1 word", "1 word"]
    assert draw(opened, {"thresh": 1.0}).line.startswith("no words; forward pass")
    assert demo.engine.passes == 1


def test_what_is_drawn_are_the_words_that_the_detector_finds_with_these_settings(saved):
    demo = counted()
    drawn = draw(open_image(demo.detector, saved), {"mode": "quad", "box_thresh": 0.9})
    (words,) = demo.detector(saved, mode="quad", box_thresh=0.9)
    expected = draw_polygons(PAGE, [word.polygon for word in words], [word.score for word in words])
    np.testing.assert_array_equal(drawn.image, expected)


def test_the_map_is_laid_over_the_image_where_it_is_asked_for(saved):
    opened = open_image(counted().detector, saved)
    plain, mapped = (draw(opened, {"box_thresh": 1.0, "thresh": 1.0}, show_map=show).image for show in (False, True))
    np.testing.assert_array_equal(plain, PAGE)  # no word, nothing drawn
    assert mapped[46, 24].tolist() == pytest.approx([0, 0.7 * 114, 0.7 * 178], abs=1)  # of probability 1, on black
    assert mapped[60, 60].tolist() == [255, 255, 255]


def test_a_large_scan_is_sent_small_and_its_boxes_lie_on_its_words(tmp_path):
    Image.fromarray(np.repeat(np.repeat(PAGE, 50, axis=0), 50, axis=1)).save(tmp_path / "large.png")  # 3200 px
    image = draw(open_image(counted().detector, tmp_path / "large.png"), {}).image
    assert image.shape == (SHOWN_SIDE, SHOWN_SIDE, 3)
    rows, columns = np.nonzero((image[:, :, 1] > 140) & (image[:, :, 0] < 20))  # green: the word of score 1
    np.testing.assert_allclose([columns.min(), rows.min(), columns.max(), rows.max()], [200, 1000, 1000, 1300], atol=4)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3)])
def test_an_image_of_hardly_any_pixels_is_an_image_without_words(tmp_path, size):
    Image.new("RGB", size, "white").save(tmp_path / "thin.png")
    assert draw(open_image(counted().detector, tmp_path / "thin.png"), {}).line.startswith("no words")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"^odd\.jpg: expected .* got an empty file"),
        (b"hello", r"^odd\.jpg: expected .* got a file that begins with"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, r"^odd\.jpg: "),
    ],
)
def test_a_file_that_is_no_image_is_one_line_with_its_name_and_without_its_folder(tmp_path, content, message):
    (tmp_path / "odd.jpg").write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        open_image(counted().detector, tmp_path / "odd.jpg")
    assert "\n" not in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_settings_that_are_not_the_detectors_own_are_given_as_predict_takes_them(saved):
    opened = open_image(counted().detector, saved)
    assert typed_settings(opened, {"thresh": 0.3, "box_thresh": 0.4}) == ""
    assert typed_settings(opened, {"thresh": 0.2, "mode": "quad"}) == "models.head.thresh=0.2 models.head.mode=quad"
