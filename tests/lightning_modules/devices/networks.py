"""The reference network, small, on any device: what it makes of a few images."""

from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from ocr.annotations.records import ImageRecord
from ocr.datasets.batch import DetectionSample, collate
from ocr.label_maps.painting import build_targets
from runners.wiring.training import build_module
from tests.lightning_modules.experiment import configured

SIDE = 128
NARROW = [
    "preset=resnet50_unet_1024",
    "models.encoder.name=resnet18",
    "models.encoder.pretrained=false",
    "models.decoder.inner_channels=32",
    "models.decoder.output_channels=16",
]


def make_module(device, *overrides, seed=0):
    """The network with weights from a seed; its maps vary as those of a trained one do."""
    torch.manual_seed(seed)
    module = build_module(configured("unused", *NARROW, *overrides))
    for branch in (module.detector.head.probability_branch, module.detector.head.threshold_branch):
        nn.init.normal_(branch[-1].weight, std=0.5)
        nn.init.zeros_(branch[-1].bias)
    return module.to(device)


def make_batch(device):
    """Two images of noise with a dark word each."""
    rng = np.random.default_rng(0)
    samples = []
    for top in (30, 70):
        image = rng.integers(150, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        image[top : top + 24, 20:100] //= 4
        word = np.array([[20, top], [100, top], [100, top + 24], [20, top + 24]], np.float32)
        samples.append(
            DetectionSample(image, build_targets([word], [False], SIDE, SIDE), ImageRecord("a", SIDE, SIDE, np.eye(3)))
        )
    return collate(samples).to(device)


@contextmanager
def in_float32():
    """Float32 as it is written: no TF32 in convolutions or matrix products."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield
    torch.set_float32_matmul_precision(precision)


def run(module, batch, *, half=None):
    """Probability map, loss and gradients of a step, on the CPU in float64; under autocast to `half` if it is given."""
    with torch.autocast(batch.images.device.type, half, enabled=half is not None):
        probability = module.detector(module.normalise(batch.images)).probability
        loss = module.compute_loss(batch).total
    loss.backward()
    gradients = torch.cat([weight.grad.flatten() for weight in module.parameters() if weight.grad is not None])
    return [value.detach().cpu().double() for value in (probability, loss, gradients)]


def distance(found, expected):
    """The norm of the difference, relative to that of what is expected."""
    return ((found - expected).norm() / expected.norm()).item()
