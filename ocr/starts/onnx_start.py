"""A detector filled from an ONNX file: one that a package brings, or one that is given by its path."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import torch
from torch import nn

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD, Channels
from baseline_code.weights.onnx_file import OnnxFileError, read_metadata_keys, read_onnx
from ocr.models import TextDetector
from ocr.models.blocks import InputShift
from ocr.starts.filling import fill
from ocr.starts.known import STARTS, known_by_sha256
from ocr.starts.layers import GraphError, read_layers
from ocr.starts.naming import METADATA, STATE_FILE, StartError, onnx_path

log = logging.getLogger(__name__)


def load_onnx(detector: TextDetector, weights: str | Path) -> str | None:
    """Fills encoder, decoder and probability branch; the detector then takes this project's input.

    Args:
        detector: of the file's architecture.
        weights: a name of `STARTS`, or an ONNX file; its input is taken to be that of PaddleOCR's training, (B, G, R)
            with ImageNet's mean and deviation in that order.

    Returns:
        Which of `STARTS` the file is; None for one that is not known.

    Raises:
        StartError: if the file cannot be had or read, or does not fit.
    """
    path = onnx_path(weights)
    check_is_no_export(path)
    content = path.read_bytes()
    try:
        layers = read_layers(read_onnx(content, path))
    except OnnxFileError as error:
        raise StartError(str(error)) from error
    except GraphError as error:
        raise StartError(f"{path}: expected the graph of a text detector: {error}") from error
    known = known_by_sha256(hashlib.sha256(content).hexdigest())
    hint = f"; {known} fits preset={STARTS[known].preset}" if known else ""
    fill(detector, layers, source=str(weights), hint=hint)
    adapt_input(detector, IMAGENET_MEAN, IMAGENET_STD)
    if known is None:
        log.warning("%s is not known by its sha256: its input is taken to be PaddleOCR's", path)
    log.info("starts from %s: %d layers of %s", known or weights, len(layers), path)
    return known


def check_is_no_export(path: Path) -> None:
    """Refuses an ONNX file of this project: its layers are folded together, and its weights may lie in another file.

    Raises:
        StartError: if it is one, or no ONNX file.
    """
    try:
        keys = read_metadata_keys(path.read_bytes(), path)
    except OnnxFileError as error:
        raise StartError(str(error)) from error
    if METADATA in keys:
        raise StartError(
            f"{path}: expected a detector's weights, got an export for other programs: take the {STATE_FILE} beside "
            "it, which runners/export.py writes by formats=[safetensors]"
        )


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
