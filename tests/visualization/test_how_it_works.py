"""The figures of docs/how_it_works.md show what the code computes."""

import numpy as np
import pytest

from ocr.postprocess import DBPostProcess
from ocr.visualization.how_it_works import PredictedMaps, plot_labels, plot_maps, plot_reading, plot_row
from tests.small_data import block

IMAGE = np.full((60, 100, 3), 255, np.uint8)
WORD = np.array(block(20, 20, 40, 16), np.float32)


def drawn(axes):
    return [line.get_xydata() for line in axes.lines]


def test_a_label_is_drawn_with_its_shrunk_and_its_dilated_polygon():
    """D = 640 (1 - 0.5²) / 112 = 4.2857 px."""
    polygons, *maps = plot_labels(IMAGE, [WORD], 0.5).axes
    tops = [points[:, 1].min() for points in drawn(polygons)]
    assert tops == pytest.approx([20, 20 + 4.2857, 20 - 4.2857], abs=0.06)
    probability, threshold, counts = (axes.images[0].get_array() for axes in maps)
    assert (probability[28, 40], probability[22, 40]) == (1, 0)
    assert threshold[20, 40] == pytest.approx(0.7, abs=0.06)
    assert (counts[17, 40], counts[12, 40]) == (1, 0)


def test_maps_are_shown_with_the_row_that_is_drawn_beside_the_function():
    probability, threshold = np.zeros((8, 10), np.float32), np.full((8, 10), 0.3, np.float32)
    probability[3, 4:7] = 1
    maps = PredictedMaps(probability, threshold, 1 / (1 + np.exp(-50 * (probability - threshold))))
    assert [axes.lines[0].get_ydata()[0] for axes in plot_maps(maps, 3).axes] == [3, 3, 3]
    along, function = plot_row(maps, 3, 50.0).axes
    np.testing.assert_array_equal(along.lines[0].get_ydata(), probability[3])
    _, sigmoid = function.lines
    assert np.interp(0.0, *sigmoid.get_xydata().T) == pytest.approx(0.5)


def test_regions_below_box_thresh_have_a_score_and_no_box():
    probability = np.zeros((60, 100), np.float32)
    probability[20:30, 10:40] = 0.9
    probability[40:50, 10:40] = 0.5
    _, above, regions, boxes = plot_reading(IMAGE, probability, DBPostProcess(box_thresh=0.6, shrink_ratio=1.0)).axes
    assert above.images[0].get_array().sum() == 600
    assert sorted(text.get_text() for text in regions.texts) == ["0.50", "0.90"]
    assert len(drawn(regions)) == 2
    (box,) = drawn(boxes)
    assert [*box.min(axis=0), *box.max(axis=0)] == pytest.approx([10, 20, 40, 30], abs=0.01)
