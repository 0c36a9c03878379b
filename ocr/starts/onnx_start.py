"""A detector filled from an ONNX file: one that a package brings, or one that is given by its path."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from baseline_code.weights.onnx_file import OnnxFileError, read_onnx
from ocr.models import TextDetector
from ocr.starts.errors import StartError
from ocr.starts.filling import fill
from ocr.starts.input_adaptation import adapt_input
from ocr.starts.known import IMAGENET_MEAN, IMAGENET_STD, STARTS, known_by_sha256
from ocr.starts.layers import GraphError, read_layers
from ocr.starts.package_files import find_package_file

SUFFIX = ".onnx"
ARCHITECTURES = ("ppocrv4_mobile", "ppocrv6_small", "ppocrv6_tiny")
"""One of `STARTS` for each network, to try where a file is not known."""

log = logging.getLogger(__name__)


def is_onnx_start(weights: str | Path) -> bool:
    """Whether weights are named as a package's detector, or are an ONNX file."""
    return str(weights) in STARTS or Path(weights).suffix == SUFFIX


def onnx_path(weights: str | Path) -> Path:
    """The file behind a name, or the path itself.

    Raises:
        StartError: if the package is not installed or its file is another one, or there is no file at the path.
    """
    if str(weights) in STARTS:
        return find_package_file(STARTS[str(weights)].files)
    if not Path(weights).is_file():
        raise StartError(f"expected an ONNX file, got {weights}, which does not exist")
    return Path(weights)


def known_as(weights: str | Path) -> str | None:
    """The name of `STARTS` that weights are, by name or by hash; None for a file that is not known.

    Raises:
        StartError: if there is no such file.
    """
    if str(weights) in STARTS:
        return str(weights)
    return known_by_sha256(hashlib.sha256(onnx_path(weights).read_bytes()).hexdigest())


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
    log.info("%s: %d layers from %s", known or weights, len(layers), path)
    return known
