"""Weights and activations in 8 bits, kept only where the score does not suffer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

from baseline_code.images.reading import read_image
from ocr.annotations.labelled_images import LabelledImages
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Network, Reading
from ocr.export.formats import INT8_FILE, run_onnx
from ocr.export.host_settings import write_host_text
from ocr.export.onnx_graph import INPUT
from ocr.export.purposes import PURPOSES, write_onnx
from ocr.metrics import Evaluator
from ocr.models import TextDetector
from ocr.transforms.warping import warp_image

MOST_LOSS = 0.001
"""Of CLEval H."""
CALIBRATION_PAGES = 32


class Quantised(NamedTuple):
    """What became of it."""

    path: Path | None  # None where the score suffered
    hmean: float  # CLEval H of its words
    hmean_single: float  # of the words in single precision


def export_int8(
    network: TextDetector, metadata: Metadata, folder: Path, training: LabelledImages, labelled: LabelledImages
) -> Quantised:
    """Writes `own_int8.onnx`, `own.onnx` with its convolutions in 8 bits, and its text.

    Args:
        network: in evaluation mode, on the CPU.
        metadata: of the detector.
        folder: where to; made if it is not there.
        training: images whose activations say how the 8 bits are used; the first `CALIBRATION_PAGES` of them.
        labelled: other images, to take the scores on.

    Returns:
        The file, if CLEval H falls by `MOST_LOSS` at most, and both scores.
    """
    purpose, reading = PURPOSES["own"], metadata.reading
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".") as temporary:
        single, quantised = write_onnx(purpose, network, metadata, Path(temporary)), Path(temporary) / INT8_FILE
        quantize_static(
            single,
            quantised,
            _Inputs(_inputs(training, reading)),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv"],
        )
        hmean_single, hmean = (score_words(run_onnx(one, purpose), labelled, reading) for one in (single, quantised))
        if hmean_single - hmean > MOST_LOSS:
            return Quantised(None, hmean, hmean_single)
        path = quantised.replace(folder / INT8_FILE)
    write_host_text(path.stem, reading, folder)
    return Quantised(path, hmean, hmean_single)


def score_words(network: Network, images: LabelledImages, reading: Reading) -> float:
    """CLEval H of a network's words on labelled images."""
    evaluator = Evaluator()
    for folder, labelled in zip(images.folders, images.annotations, strict=True):
        found = reading.find(read_image(folder / labelled.filename), network)
        evaluator.update(labelled.filename, labelled.polygons, labelled.ignore, found.polygons, found.scores)
    return evaluator.compute().cleval.hmean


def _inputs(images: LabelledImages, reading: Reading) -> Iterator[npt.NDArray[np.float32]]:
    chosen = images.first(CALIBRATION_PAGES)
    for folder, labelled in zip(chosen.folders, chosen.annotations, strict=True):
        pixels = read_image(folder / labelled.filename)
        transform = reading.letterbox(pixels.shape[1], pixels.shape[0])
        yield PURPOSES["own"].colours(warp_image(pixels, transform)[None])


class _Inputs(CalibrationDataReader):  # type: ignore[misc]
    """Inputs one after the other, as onnxruntime asks for them."""

    def __init__(self, inputs: Iterator[npt.NDArray[np.float32]]) -> None:
        self._inputs = inputs

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        """The next one; None behind the last."""
        planes = next(self._inputs, None)
        return None if planes is None else {INPUT: planes}
