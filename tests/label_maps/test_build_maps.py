"""Training maps come from the workers or are drawn on the device: a setting, and the same maps."""

import pytest
import pytorch_lightning as pl
import torch

from ocr.datasets.datamodule import DetectionDataModule, Part
from ocr.label_maps.device_maps import TargetPolygons
from ocr.label_maps.target_maps import TargetMaps
from ocr.transforms.geometric import Letterbox, RandomTransform
from runners.wiring.detector import build_datamodule, build_module
from tests.lightning_modules.experiment import configured
from tests.small_data import random_part


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    random_part(folder, "train", 4, seed=1)
    return folder


def batches(root, build_maps):
    train = Part("train", RandomTransform(96, padding="multiple", rotate=8.0), 2)
    other = Part("val", Letterbox(96), 2)
    return list(DetectionDataModule(root, train, other, other, num_workers=0, build_maps=build_maps).train_dataloader())


def test_both_give_the_loss_the_same_maps(root):
    by_workers, on_device = batches(root, "workers"), batches(root, "device")
    assert len(by_workers) == len(on_device) == 2
    for one, other in zip(by_workers, on_device, strict=True):
        assert torch.equal(one.images, other.images)
        assert isinstance(one.targets, TargetMaps)
        assert isinstance(other.targets, TargetPolygons)
        assert one.targets.as_floats().probability.any()
        for maps, drawn in zip(one.targets.as_floats(), other.targets.as_floats(), strict=True):
            assert torch.allclose(maps, drawn, rtol=0.0, atol=0.4 / 255)


def test_polygons_are_sent_small(root):
    batch = batches(root, "device")[0]
    sent = sum(
        tensor.nbytes
        for chunk in batch.targets.chunks
        for tensor in vars(chunk).values()
        if isinstance(tensor, torch.Tensor)
    )
    assert sent < 0.2 * sum(maps.nbytes for maps in batches(root, "workers")[0].targets)


def test_polygons_move_with_their_batch(root):
    batch = batches(root, "device")[0]
    moved = batch.to(torch.device("meta"))
    assert {maps.device.type for maps in moved.targets.as_floats()} == {"meta"}
    assert {maps.device.type for maps in batch.targets.as_floats()} == {"cpu"}


@pytest.mark.gpu
def test_polygons_are_pinned_with_their_batch(root):
    targets = batches(root, "device")[0].pin_memory().targets
    tensors = [value for value in vars(targets.chunks[0]).values() if isinstance(value, torch.Tensor)]
    assert len(tensors) == 6
    assert all(tensor.is_pinned() for tensor in tensors)


def test_other_places_are_refused(root):
    with pytest.raises(ValueError, match="expected build_maps to be workers or device, got 'gpu'"):
        batches(root, "gpu")


def test_a_training_step_takes_either_through_the_configuration(root):
    losses = []
    for build_maps in ("workers", "device"):
        config = configured(root, f"datasets.build_maps={build_maps}")
        pl.seed_everything(0)
        module, (batch, _) = build_module(config), build_datamodule(config).train_dataloader()
        losses.append(module.training_step(batch, 0))
    losses[1].backward()
    assert all(parameter.grad is not None for parameter in module.detector.parameters())
    assert losses[1].item() == pytest.approx(losses[0].item(), rel=1e-4)
