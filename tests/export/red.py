"""A network that takes red for text: exported, it tells which order and which numbers its input was fed with."""

import cv2
import numpy as np
import torch
from torch import nn

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD
from ocr.detection import Detector
from ocr.detection.engines.torch_engine import TorchEngine
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.export.parity import ParityCheck

RED, BLUE = (200, 20, 20), (20, 20, 200)
READING = Reading.of({"img_size": 960, "padding": "multiple", "shrink_ratio": 0.6, "box_thresh": 0.5})


class RedNetwork(nn.Module):
    """The logit of a pixel is 12 (R - B) - 6 for R and B in [0, 1]: 2.5 for red, -6 for grey, -14 for blue."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 1, 1)
        factors = torch.tensor([12.0, 0.0, -12.0])
        weight = (factors * torch.tensor(IMAGENET_STD)).view(1, 3, 1, 1)
        bias = (factors * torch.tensor(IMAGENET_MEAN)).sum().view(1) - 6
        self.convolution.load_state_dict({"weight": weight, "bias": bias})

    def predict_logits(self, images):
        return self.convolution(images)

    def predict_probability(self, images):
        return self.predict_logits(images).sigmoid()


def red_detector(metadata):
    return Detector(TorchEngine(RedNetwork().eval(), "cpu"), metadata)


def page(words=60, size=(960, 704), seed=0):
    """A page (height, width) with red words of several sizes and slants in cells of their own, then with blue ones."""
    random, pixels = np.random.default_rng(seed), np.full((*size, 3), 255, np.uint8)
    rows, columns = 20, 4
    for cell in range(rows * columns):
        center = ((cell % columns + 0.5) * size[1] / columns, (cell // columns + 0.5) * size[0] / rows)
        extent = (float(random.uniform(30, 130)), float(random.uniform(12, 24)))
        corners = cv2.boxPoints((center, extent, float(random.uniform(-4, 4))))
        cv2.fillPoly(pixels, [np.rint(corners).astype(np.int32)], RED if cell < words else BLUE)
    return pixels


def red_metadata():
    return Metadata(READING.changed({"unclip_ratio": 1.3}), fingerprint="f" * 64, description="red")


def parity_check(network, pages=None, reading=READING):
    return ParityCheck(TorchEngine(network, "cpu"), reading, pages or [page(), page(seed=1)])
