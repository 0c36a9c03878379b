"""Polygons are drawn where the polygons are, in the colour of their score."""

import numpy as np
import pytest
from PIL import Image

from baseline_code.images.reading import ImageReadError
from ocr.annotations.records import ImageRecord
from ocr.postprocess import Detections
from ocr.visualization.overlays import SURE, UNSURE, draw_polygons, write_overlays

WHITE = np.full((60, 80, 3), 255, np.uint8)
# Pixel centres at 10.5..40.5 and 20.5..30.5: the polygon runs exactly along columns 10 and 40 and rows 20 and 30.
WORD = np.array([[10.5, 20.5], [40.5, 20.5], [40.5, 30.5], [10.5, 30.5]], dtype=np.float32)


def drawn(scores=None, polygons=(WORD,)):
    return draw_polygons(WHITE, list(polygons), scores)


def test_the_polygon_runs_through_the_pixels_of_its_coordinates():
    ink = 255.0 - drawn().mean(axis=2)  # antialiased: the pixels beside the line have some of it
    top, left = ink[16:25, 25], ink[25, 6:15]
    assert (top * (np.arange(16, 25) + 0.5)).sum() / top.sum() == pytest.approx(20.5, abs=0.1)
    assert (left * (np.arange(6, 15) + 0.5)).sum() / left.sum() == pytest.approx(10.5, abs=0.1)
    rows, columns = np.nonzero(ink > 100)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 30, 10, 40)
    assert not ink[23:28, 13:38].any()


HALFWAY = tuple(round((a + b) / 2) for a, b in zip(SURE, UNSURE, strict=True))


@pytest.mark.parametrize(("score", "colour"), [(1.0, SURE), (0.5, UNSURE), (0.2, UNSURE), (0.75, HALFWAY)])
def test_the_colour_goes_from_orange_to_green_with_the_score(score, colour):
    np.testing.assert_allclose(drawn([score])[20, 25], colour, atol=26)  # a tenth of the paper shines through


def test_nothing_found_draws_nothing_without_scores_all_are_green_and_a_missing_one_is_an_error():
    np.testing.assert_array_equal(drawn(polygons=()), WHITE)
    np.testing.assert_array_equal(drawn(), drawn([1.0]))
    assert (WHITE == 255).all()  # the image itself is left as it is
    with pytest.raises(ValueError, match="shorter"):
        drawn([0.5], [WORD, WORD])


def test_lines_get_thicker_on_large_images():
    large = np.full((3200, 100, 3), 255, np.uint8)
    changed = (draw_polygons(large, [WORD]) != 255).any(axis=2)
    assert changed[10:31, 25].sum() >= 4


def test_each_image_gets_an_overlay_of_its_name(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    Image.fromarray(WHITE).save(images / "a.png")
    found = Detections([WORD], np.array([1.0], np.float32))
    write_overlays(tmp_path / "new/overlays", images, [(ImageRecord("a.png", 80, 60, np.eye(3)), found)])
    assert [path.name for path in (tmp_path / "new/overlays").iterdir()] == ["a.png.jpg"]
    overlay = np.asarray(Image.open(tmp_path / "new/overlays/a.png.jpg")).astype(int)
    assert overlay.shape == (60, 80, 3)
    assert overlay[20, 25, 1] > overlay[20, 25, 0] + 50  # green, not blue and not red: the channels are in order
    assert overlay[20, 25, 1] > overlay[20, 25, 2] + 30
    assert overlay[5, 5].min() > 240


def test_no_predictions_give_an_empty_folder_and_an_image_that_went_missing_is_named(tmp_path):
    write_overlays(tmp_path / "overlays", tmp_path, [])
    assert list((tmp_path / "overlays").iterdir()) == []
    nothing = (ImageRecord("gone.png", 80, 60, np.eye(3)), Detections([], np.zeros(0, np.float32)))
    with pytest.raises(ImageReadError, match=r"gone\.png"):
        write_overlays(tmp_path / "overlays", tmp_path, [nothing])
