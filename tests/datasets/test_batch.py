"""Samples of different sizes become one batch."""

import numpy as np
import pytest
import torch

from baseline_code.images.unreadable import UnreadableImage
from ocr.annotations.records import ImageRecord
from ocr.datasets.batch import DetectionSample, collate
from ocr.label_maps.painting import DBTargets
from ocr.transforms.warping import PADDING_COLOUR


def record(filename):
    return ImageRecord(filename, 10, 20, np.eye(3))


def sample(height, width, value, **options):
    maps = DBTargets(*(np.full((1, height, width), number, np.uint8) for number in (255, 0, 178, 1)))
    image = np.full((height, width, 3), value, np.uint8)
    return DetectionSample(image, maps, record(f"{value}.jpg"), **options)


def test_images_are_padded_at_the_bottom_and_right_to_the_largest():
    samples = [sample(32, 64, 1), sample(96, 32, 2)]
    samples[0].image[5, 7] = (10, 20, 30)
    batch = collate(samples)
    assert (batch.images.shape, batch.images.dtype) == ((2, 3, 96, 64), torch.uint8)
    assert batch.images.is_contiguous(memory_format=torch.channels_last)
    expected = np.full((2, 96, 64, 3), PADDING_COLOUR, np.uint8)
    expected[0, :32], expected[1, :, :32] = samples[0].image, samples[1].image
    np.testing.assert_array_equal(batch.images.permute(0, 2, 3, 1), expected)
    assert [one.filename for one in batch.records] == ["1.jpg", "2.jpg"]


def test_padding_is_background_that_counts_for_the_probability_and_not_for_the_threshold():
    targets = collate([sample(32, 64, 1), sample(64, 32, 2)]).targets
    assert targets.probability.shape == targets.threshold_mask.shape == (2, 1, 64, 64)
    inside, below, beside = np.s_[0, 0, :32], np.s_[0, 0, 32:], np.s_[1, 0, :, 32:]
    for part in (below, beside):
        assert (targets.probability[part] == 0).all()
        assert (targets.probability_mask[part] == 1).all()
        assert (targets.threshold_mask[part] == 0).all()
    floats = targets.as_floats()
    assert {maps.dtype for maps in floats} == {torch.float32}
    # The threshold's byte goes from 0.3 to 0.7: 0.3 + 0.4 * 178 / 255.
    assert [float(maps[inside].unique()) for maps in floats] == pytest.approx([1, 0, 0.579216, 1])


def test_a_batch_moves_with_all_that_it_holds():
    batch = collate([sample(32, 64, 1, instead_of=(UnreadableImage("a.jpg", "empty"),))])
    assert [image.filename for image in batch.unreadable] == ["a.jpg"]
    moved = batch.to("cpu")
    assert torch.equal(moved.images, batch.images)
    assert (moved.records, moved.unreadable) == (batch.records, batch.unreadable)
    on_meta = batch.to(torch.device("meta"))
    tensors = [on_meta.images, *on_meta.targets]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert batch.images.device.type == "cpu"  # the old one stays where it is


@pytest.mark.gpu
def test_a_batch_is_pinned_with_all_that_it_holds():
    batch = collate([sample(32, 64, 1)]).pin_memory()
    assert all(tensor.is_pinned() for tensor in (batch.images, *batch.targets))
