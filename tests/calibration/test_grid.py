"""Many settings on the same maps."""

from itertools import product

import numpy as np
import pytest

from ocr.calibration import score_grid
from ocr.metrics import cleval, match_iou
from ocr.postprocess import DBPostProcess
from tests.calibration.labelled_maps import labelled_map


def one_by_one(labelled, settings):
    record = labelled.record
    found = DBPostProcess(**settings)(labelled.probability, record.input_to_original, 256, 224)
    score = cleval(record.polygons, record.ignore, found.polygons)
    iou = match_iou(record.polygons, record.ignore, found.polygons)
    return score.precision, score.recall, score.hmean, iou.matched, iou.ground_truths + iou.detections


@pytest.mark.parametrize("kind", [np.float32, np.uint8, np.uint16])
def test_every_cell_is_what_post_processing_and_metrics_give_for_it_alone(kind):
    maps = [labelled_map("a.jpg", seed=1, kind=kind), labelled_map("b.jpg", seed=2, kind=kind)]
    grid = [
        {"thresh": thresh, "box_thresh": box_thresh, "max_candidates": most}
        for thresh, box_thresh, most in product((0.3, 0.5), (0.9, 0.3, 0.6), (1, 500))
    ]
    scores = score_grid(maps, grid, iou=True)
    assert scores.hmean.shape == (12, 2)
    for row, settings in enumerate(grid):
        for column, labelled in enumerate(maps):
            cell = tuple(values[row, column] for values in scores)
            assert cell == one_by_one(labelled, settings), (settings, labelled.record.filename)


def test_the_iou_is_left_out_unless_it_is_asked_for():
    maps = [labelled_map("a.jpg")]
    without, with_iou = score_grid(maps, [{}]), score_grid(maps, [{}], iou=True)
    assert np.isnan([without.matched, without.counted]).all()
    np.testing.assert_array_equal(without[:3], with_iou[:3])


def test_a_higher_threshold_loses_the_weak_words_one_after_the_other():
    scores = score_grid([labelled_map("a.jpg")], [{"box_thresh": cut} for cut in (0.3, 0.6, 0.8, 0.99)])
    recall = scores.recall[:, 0]
    assert recall[0] > recall[1] > recall[2] > recall[3] == 0.0


def test_threads_and_the_order_of_the_maps_change_nothing():
    maps = [labelled_map(f"{seed}.jpg", seed=seed) for seed in range(5)]
    grid = [{"thresh": 0.3}, {"thresh": 0.4, "mode": "quad"}]
    alone, together = score_grid(maps, grid, threads=1), score_grid(maps[::-1], grid, threads=4)
    np.testing.assert_array_equal(alone.hmean, together.hmean[:, ::-1])


def test_no_map_and_no_setting_give_empty_tables_and_broken_ones_are_named():
    one = labelled_map("bad.jpg")
    assert score_grid([], [{}]).hmean.shape == (1, 0)
    assert score_grid([one], []).hmean.shape == (0, 1)
    with pytest.raises(ValueError, match="box_thresh in"):
        score_grid([one], [{"box_thresh": 1.5}])
    with pytest.raises(ValueError, match=r"bad\.jpg: expected a probability map"):
        score_grid([labelled_map("good.jpg"), one._replace(probability=np.zeros((8, 8)))], [{}])
