"""A detector filled from an ONNX file: one that a package brings, or one that is given by its path."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD
from baseline_code.weights.onnx_file import OnnxFileError, read_onnx
from ocr.models import TextDetector
from ocr.starts.errors import StartError
from ocr.starts.filling import fill
from ocr.starts.input_adaptation import adapt_input
from ocr.starts.known import STARTS, known_by_sha256
from ocr.starts.layers import GraphError, read_layers
from ocr.starts.naming import onnx_path

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
