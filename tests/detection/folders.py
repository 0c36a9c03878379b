"""Folders of small detectors with random weights, as `runners/export.py` writes them."""

import torch

from ocr.detection.engines import torch_engine
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.export.state_folder import write_state_folder
from ocr.models.detector import build_architecture

TINY = {
    "encoder": {"name": "pp_lcnet_v4_tiny"},
    "decoder": {"name": "rep_lk_fpn", "inner_channels": 16, "output_channels": 8, "kernel_size": 3},
    "head": {"name": "dbhead_plain", "k": 50.0},
}
NORMALISED = {  # batch normalisation in every part
    "encoder": {"name": "resnet10t"},
    "decoder": {"name": "fpn", "inner_channels": 8, "output_channels": 8},
    "head": {"name": "dbhead", "k": 50.0},
}
READING = {"img_size": 128, "padding": "multiple", "shrink_ratio": 0.6, "box_thresh": 0.7}


def random_network(architecture=TINY, seed=0):
    """A network whose maps differ from pixel to pixel."""
    torch.manual_seed(seed)
    network = build_architecture(architecture).eval()
    last = network.head.probability_branch[-1]
    with torch.no_grad():
        last.weight.normal_()
        last.bias.zero_()
    return network


def write_random_folder(folder, architecture=TINY, **reading):
    """Writes a detector; returns its network, with the weights that were rounded to half precision."""
    network = random_network(architecture)
    metadata = Metadata(Reading.of(READING | reading), network=architecture, fingerprint="f" * 64, description="random")
    state_file, _ = write_state_folder(network, metadata, folder)
    return torch_engine.load(state_file, "cpu", None).engine.network
