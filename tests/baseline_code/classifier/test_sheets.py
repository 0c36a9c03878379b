"""The images of a test show what they are told to, and TensorBoard's graph survives odd networks."""

import numpy as np
import torch
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from baseline_code.classifier import sheets
from baseline_code.classifier.predictions import LabelledPredictions
from baseline_code.classifier.sheets import Tile, draw_confusion, draw_sheet
from baseline_code.training.tensorboard import log_graph


class Untraceable(nn.Module):
    def forward(self, images):
        raise RuntimeError("not for tracers\nsecond line")


def test_rows_are_labels_and_columns_predictions():
    """Two images of class 0 taken for class 1: the one dark cell is on the upper right."""
    tested = LabelledPredictions(("a", "b"), np.array([0, 0]), np.array([[0.1, 0.9], [0.2, 0.8]], np.float32))
    image = draw_confusion(tested, ["a", "b"]).astype(int)
    rows, columns = np.nonzero(image[:, :, 2] - image[:, :, 0] > 60)  # blue
    assert rows.mean() < 0.5 * image.shape[0]
    assert columns.mean() > 0.5 * image.shape[1]


def test_any_class_name_is_drawn():
    tested = LabelledPredictions(("a",), np.array([2]), np.array([[0.1, 0.2, 0.7]], np.float32))
    image = draw_confusion(tested, ["é" * 40, "", "正常"])
    assert image.dtype == np.uint8
    assert image.shape[0] == image.shape[1]


def test_the_matrix_of_many_classes_is_no_larger_and_has_colours_only(monkeypatch):
    """3 + 0.6 x 4 inches of 100 px; two images in a cell look as one does, for the largest number is the darkest."""
    monkeypatch.setattr(sheets, "MOST_NUMBERED", 4)
    row = np.array([[0.6, 0.1, 0.1, 0.1, 0.1]], np.float32)
    one = LabelledPredictions(("a",), np.array([0]), row)
    two = LabelledPredictions(("a", "b"), np.array([0, 0]), np.concatenate([row, row]))
    first, second = (draw_confusion(tested, list("abcde")) for tested in (one, two))
    assert first.shape == (540, 540, 3)
    np.testing.assert_array_equal(first, second)


def test_a_sheet_shows_each_image_whole_and_in_order():
    """Two tiles of 32 px with 4 px around: a wide red image, a green one."""
    red, green = np.zeros((8, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint8)
    red[:], green[:] = (255, 0, 0), (0, 255, 0)
    sheet = draw_sheet([Tile(red, "a", "> b 0.9"), Tile(green, "b")], empty="", side=32)
    assert sheet.shape == (32 + 40, 2 * 40, 3)
    assert sheet[4 + 16, 4 + 16].tolist() == [255, 0, 0]
    assert sheet[4 + 4, 4 + 16].tolist() == [200, 200, 200]  # beside the wide image
    assert sheet[4 + 1, 40 + 4 + 1].tolist() == [0, 255, 0]
    tiles = [Tile(np.zeros((4, 4, 3), np.uint8), "a")] * 5
    assert draw_sheet(tiles, empty="", side=16, columns=2).shape == (3 * 56, 2 * 24, 3)
    assert (draw_sheet([], empty="no image was misclassified") != 255).any()


def test_the_graph_lands_in_tensorboard_and_the_network_stays_as_it_was(tmp_path):
    network = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
    network[2].eval()
    logger = TensorBoardLogger(tmp_path, name="tb", version="")
    assert log_graph([CSVLogger(tmp_path), logger], network, torch.rand(1, 3, 8, 8))
    logger.experiment.flush()
    events = EventAccumulator(logger.log_dir).Reload()
    assert any("Conv2d" in node.name for node in events.Graph().node)
    assert [module.training for module in network] == [True, True, False]
    assert network[1].num_batches_tracked == 0


def test_a_network_that_cannot_be_traced_costs_a_warning(tmp_path, caplog):
    logger = TensorBoardLogger(tmp_path, name="tb", version="")
    assert not log_graph([logger], Untraceable(), torch.rand(1, 3, 8, 8))
    assert "no model graph in TensorBoard: Untraceable cannot be traced (not for tracers)" in caplog.text
