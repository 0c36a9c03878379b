"""Post-processing reads the same from a device's maps as from those of the CPU."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ocr.inference.image_maps import HostMaps
from ocr.metrics import match_iou
from runners.wiring.detector import load_detector, read_labelled
from tests.lightning_modules.devices.networks import in_float32
from tests.lightning_modules.experiment import overriding


@pytest.fixture
def loaded(learned):
    """The detector that has learnt, and the images to validate by."""
    detector, settings = load_detector(learned[1], overriding("trainer.accelerator=cpu"), "val")
    return detector, read_labelled(settings, "val")


def test_maps_come_to_the_host_as_the_device_made_them(device):
    probability = torch.rand(3, 40, 56, generator=torch.Generator().manual_seed(0))
    moved, kept = HostMaps(probability.to(device)), HostMaps(probability)
    assert all(np.array_equal(moved[index], kept[index]) for index in range(3))


def test_words_are_those_that_the_cpu_finds(device, loaded):
    """The networks' last bits may differ, by which corners move a little; words neither come nor go."""
    detector, images = loaded
    with in_float32():
        expected = detector.find(images).images
        found = replace(detector, device=str(device)).find(images).images
    assert sum(len(words.polygons) for _, words in expected) > 0
    for (record, words), (_, others) in zip(expected, found, strict=True):
        assert len(words.polygons) == len(others.polygons)
        score = match_iou(words.polygons, [False] * len(words.polygons), others.polygons, threshold=0.95)
        assert score.hmean == 1.0, record.filename
        np.testing.assert_allclose(words.scores, others.scores, atol=1e-3)
