"""What a training shows of its batches, maps and validation images."""

import cv2
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from baseline_code.training.callbacks import EpochLine
from ocr.annotations.records import ImageRecord
from ocr.geometry import scaling
from ocr.label_maps.painting import build_targets
from ocr.lightning_modules.text_detection import map_loss
from ocr.lightning_modules.watching import TrainBatches, WatchedImages, draw_batch
from ocr.probability_maps import ImageMap
from runners.wiring.training import build_datamodule, watch
from tests.lightning_modules.experiment import configured, fit
from tests.small_data import block

WORD = np.array(block(8, 8, 40, 16), np.float32)


def image_map(probability, *words, ignore=None):
    record = ImageRecord("a.png", 64, 32, scaling(1, 1), words, ignore or (False,) * len(words))
    return ImageMap(record, probability)


def label_map(*words):
    return build_targets(list(words), [False] * len(words), 32, 64, shrink_ratio=0.4).probability[0]


def test_the_map_of_the_labels_has_no_loss_half_of_it_a_third_and_nothing_one():
    perfect = label_map(WORD)
    assert map_loss(image_map(perfect, WORD), 0.4) == 0.0
    # half the ink over one and a half times the ink, twice: 1 - 2 x 1/3
    half = np.where(perfect > 0, np.float32(0.5), np.float32(0))
    assert map_loss(image_map(half, WORD), 0.4) == pytest.approx(1 / 3)
    assert map_loss(image_map(np.zeros_like(perfect), WORD), 0.4) == 1.0


def test_what_is_ignored_or_not_there_has_no_loss():
    assert map_loss(image_map(label_map(WORD), WORD, ignore=(True,)), 0.4) == 0.0
    assert map_loss(image_map(np.zeros((32, 64), np.uint16)), 0.4) == 0.0


@pytest.fixture(scope="module")
def watched(data, tmp_path_factory):
    """The folder of a training of one epoch, and what TensorBoard shows of it."""
    folder = tmp_path_factory.mktemp("watched")
    config = configured(data, "trainer.max_epochs=1")
    datamodule = build_datamodule(config)
    paths = {path.name: path for path in datamodule.images(datamodule.val).paths}
    fit(config, folder, TrainBatches(folder / "train_batch.jpg"), WatchedImages(paths))
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    return folder, events


def test_tensorboard_shows_the_validation_images_the_network_and_what_it_took(watched):
    tags = watched[1].Tags()
    assert tags["images"] == ["val/val_0.png", "val/val_1.png"]
    assert tags["graph"]
    assert {"val_loss", "grad_norm", "images_per_second", "waiting_for_data", "memory_gib"} <= set(tags["scalars"])
    encoded = np.frombuffer(watched[1].Images("val/val_0.png")[0].encoded_image_string, np.uint8)
    assert cv2.imdecode(encoded, cv2.IMREAD_COLOR).shape == (480, 960, 3)  # 64 x 64, beside its map


def test_the_first_batches_are_an_image(watched):
    # four training images of 64 px, three panels each, two in a line
    assert cv2.imread(str(watched[0] / "train_batch.jpg")).shape == (2 * 72, 2 * 200, 3)


def test_a_batch_shows_words_where_they_train_and_red_where_no_loss_counts(data):
    datamodule = build_datamodule(configured(data, "trainer.batch_size=4"))
    datamodule.setup("fit")
    loader = datamodule.train_dataloader()
    batch = next(iter(loader))
    for number, row in enumerate(draw_batch(batch)):
        probability, threshold = row[:, 64:128], row[:, 128:]
        np.testing.assert_array_equal(probability[..., 1], batch.targets.probability[number, 0].numpy())
        outside = batch.targets.threshold_mask[number, 0].numpy() == 0
        assert (threshold[outside] == (60, 0, 0)).all()


def test_a_runner_adds_both_behind_the_line_of_the_epoch(data, trained, tmp_path):
    trainer = trained.trainer
    before = list(trainer.callbacks)
    datamodule = build_datamodule(configured(data))
    watch(trainer, datamodule, tmp_path)
    added = trainer.callbacks[len(before) :]
    trainer.callbacks[:] = before
    assert [type(one) for one in added] == [TrainBatches, WatchedImages]
    assert any(isinstance(one, EpochLine) for one in before)
    assert list(added[1].paths) == ["val_0.png", "val_1.png"]
