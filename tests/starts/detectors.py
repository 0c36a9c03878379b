"""Detectors of the presets' networks with random weights, for tests."""

from functools import partial

import torch
from omegaconf import OmegaConf

from ocr.models import TextDetector
from ocr.models.decoder import build_decoder
from ocr.models.encoder_factory import build_encoder
from ocr.models.head import build_head
from runners.cli.entry import CONFIG_DIR


def random_detector(name, seed=0):
    """The network of `configs/preset/models/<name>.yaml`, in evaluation mode."""
    models = OmegaConf.load(CONFIG_DIR / "preset" / "models" / f"{name}.yaml")
    torch.manual_seed(seed)
    decoder = partial(build_decoder, **models.decoder)
    return TextDetector(
        build_encoder(**models.encoder), decoder, partial(build_head, name=models.head.name, k=50.0)
    ).eval()
