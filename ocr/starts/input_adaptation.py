"""From the input that a detector was trained on to this project's: another channel order, mean and deviation."""

from __future__ import annotations

import torch
from torch import nn

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD
from ocr.models import TextDetector
from ocr.models.normalisation import InputShift
from ocr.starts.known import Channels


def adapt_input(detector: TextDetector, mean: Channels, std: Channels) -> None:
    """Makes a detector of (B, G, R) inputs of this mean and deviation one of (R, G, B) inputs of ImageNet's. Exact.

    With the network's own input ((x - m) / s) and ours ((x - M) / S), the first kernel is turned round along its input
    channels and scaled by S / s; the rest, (M - m) / S, is added in front of it.

    Args:
        detector: with weights from a graph.
        mean: m, of values in [0, 1], in the order B, G, R.
        std: s, likewise.

    Raises:
        ValueError: if its encoder has no place for the shift.
    """
    first = next(module for module in detector.encoder.modules() if isinstance(module, nn.Conv2d))
    input_shift = next((module for module in detector.encoder.modules() if isinstance(module, InputShift)), None)
    if input_shift is None:
        raise ValueError(f"expected an encoder with an InputShift, got {type(detector.encoder).__name__}")
    ours_mean, ours_std = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_STD)
    theirs_mean, theirs_std = torch.tensor(mean).flip(0), torch.tensor(std).flip(0)
    with torch.no_grad():
        first.weight.copy_(first.weight.flip(1) * (ours_std / theirs_std).view(1, 3, 1, 1))
        input_shift.shift.copy_(((ours_mean - theirs_mean) / ours_std).view(1, 3, 1, 1))
