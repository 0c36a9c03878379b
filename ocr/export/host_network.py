"""A detector with the input and the output that another program expects."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from ocr.detection.colours import Colours
from ocr.models import TextDetector

Output = Literal["probability", "logits", "plane"]
"""`probability`: (N, 1, H, W) in [0, 1]. `logits`: the same before the sigmoid. `plane`: (H, W) of a single image."""


class HostNetwork(nn.Module):
    """Takes a host's numbers for colours, gives the output that it reads.

    Args:
        network: takes this project's input.
        colours: what the host feeds.
        output: what it reads.
    """

    def __init__(self, network: TextDetector, colours: Colours, output: Output = "probability") -> None:
        super().__init__()
        self.adapt = nn.Identity() if colours == Colours() else _adapter(colours, Colours())
        self.network = network
        self.output = output

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) of the host's numbers -> the output."""
        logits = self.network.predict_logits(self.adapt(images))
        if self.output == "logits":
            return logits
        probability = logits.sigmoid()
        return probability.reshape(probability.shape[-2:]) if self.output == "plane" else probability


def _adapter(given: Colours, wanted: Colours) -> nn.Conv2d:
    """A 1x1 convolution from one input to another, exact up to the border of the image.

    With y = (x - m) / s in the given order and z = (x - M) / S in the wanted one, z = y s / S + (m - M) / S.
    """
    adapter = nn.Conv2d(3, 3, 1)
    weight, bias = torch.zeros(3, 3, 1, 1), torch.zeros(3)
    for row, colour in enumerate(wanted.channels):
        column = given.channels.index(colour)
        weight[row, column] = given.std[column] / wanted.std[row]
        bias[row] = (given.mean[column] - wanted.mean[row]) / wanted.std[row]
    adapter.load_state_dict({"weight": weight, "bias": bias})
    return adapter
