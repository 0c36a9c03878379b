"""The images of a test show what they are told to, and TensorBoard's graph survives odd networks."""

import numpy as np
import pytest
import torch
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from baseline_code.classifier.sheets import BLUE, PAPER, Tile, draw_confusion, draw_sheet, write_png
from baseline_code.classifier.tensorboard import log_graph


class Untraceable(nn.Module):
    def forward(self, images):
        raise RuntimeError("not for tracers\nsecond line")


def cells(image, count, cell=64):
    """The colour just inside each cell's corner, where no number is."""
    last = image.shape[0] - 8
    starts = [last - (count - index) * cell + 4 for index in range(count)]
    return np.array([[image[row, column] for column in starts] for row in starts])


def test_a_cell_is_as_blue_as_its_share_of_the_row():
    """Rows (3, 1) and (0, 0): 3/4, 1/4, and nothing where a class has no image."""
    shades = cells(draw_confusion(np.array([[3, 1], [0, 0]]), ["a", "b"]), 2)
    expected = [
        [[p + (b - p) * fraction for p, b in zip(PAPER, BLUE, strict=True)] for fraction in row]
        for row in ((0.75, 0.25), (0, 0))
    ]
    np.testing.assert_allclose(shades, expected, atol=1)


def test_rows_are_labels_and_columns_predictions():
    shades = cells(draw_confusion(np.array([[0, 5], [0, 5]]), ["a", "b"]), 2)
    assert (shades[:, 1] == BLUE).all()
    assert (shades[:, 0] == PAPER).all()


def test_any_class_name_is_drawn():
    image = draw_confusion(np.eye(3, dtype=np.int64), ["é" * 40, "", "正常"])
    assert image.dtype == np.uint8
    assert image.shape[0] == image.shape[1]


def test_a_matrix_of_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"expected a matrix of 3 x 3 for the classes, got \(2, 2\)"):
        draw_confusion(np.eye(2, dtype=np.int64), ["a", "b", "c"])


def test_a_sheet_shows_each_image_whole_and_in_order():
    """Two tiles of 32 px with 4 px around: a wide red image, a green one."""
    red, green = np.zeros((8, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint8)
    red[:], green[:] = (255, 0, 0), (0, 255, 0)
    sheet = draw_sheet([Tile(red, "a", "> b 0.9"), Tile(green, "b")], empty="", side=32)
    assert sheet.shape == (32 + 40, 2 * 40, 3)
    assert sheet[4 + 16, 4 + 16].tolist() == [255, 0, 0]
    assert sheet[4 + 4, 4 + 16].tolist() == [200, 200, 200]  # beside the wide image
    assert sheet[4 + 1, 40 + 4 + 1].tolist() == [0, 255, 0]


def test_a_sheet_breaks_into_rows():
    tiles = [Tile(np.zeros((4, 4, 3), np.uint8), "a")] * 5
    assert draw_sheet(tiles, empty="", side=16, columns=2).shape == (3 * 56, 2 * 24, 3)


def test_an_empty_sheet_says_so():
    sheet = draw_sheet([], empty="no image was misclassified")
    assert (sheet != 255).any()


def test_a_image_is_written_as_it_is(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    write_png(tmp_path / "new/image.png", image)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "new/image.png")), image)


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
