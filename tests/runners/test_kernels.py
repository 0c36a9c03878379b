"""Which kernels an accelerator computes with."""

import pytest
import torch

from runners.wiring.kernels import tries_kernels, use_matmul_precision
from runners.wiring.trainers import build_trainer
from tests.commands import as_settings, composed


@pytest.fixture
def precisions(monkeypatch):
    """What torch is told, on a machine that has a CUDA device as far as anyone asks."""
    told = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "set_float32_matmul_precision", told.append)
    return told


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["preset=resnet50_unet_1024"], True),
        (["preset=resnet18_unet_640"], False),  # padded to multiples: each shape would be tried anew
        (["preset=resnet50_unet_1024", "trainer.deterministic=true"], False),
        (["preset=resnet50_unet_1024", "trainer.benchmark=false"], False),
        (["preset=resnet18_unet_640", "trainer.benchmark=true"], True),
    ],
)
def test_kernels_are_tried_where_batches_have_one_shape(overrides, expected):
    assert tries_kernels(as_settings(composed("train", *overrides))) is expected
    assert tries_kernels(as_settings(composed("pretrain", "preset=classify/cifar10_resnet18")))  # one shape always


def test_trainers_tell_torch(precisions, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    config = composed("train", "preset=resnet50_unet_1024", "trainer.accelerator=cpu", "trainer.devices=1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    build_trainer(as_settings(config), tmp_path, [])
    assert torch.backends.cudnn.benchmark
    assert precisions == ["high"]


def test_a_cpu_multiplies_as_before(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda _: pytest.fail("a CPU was told"))
    use_matmul_precision("high")


def test_a_precision_that_torch_does_not_know_is_refused():
    with pytest.raises(ValueError, match="to be one of highest, high, medium, got 'tf32'"):
        use_matmul_precision("tf32")
