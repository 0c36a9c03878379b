"""Each format of a detector: written aside, compared with the network, and put in its place where it agrees."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baseline_code.files.atomic import write_text_atomic
from ocr.detection.engines import torch_engine
from ocr.detection.metadata import KEY, Metadata
from ocr.detection.reading import Network
from ocr.export.host_settings import paddle_configuration, write_host_text
from ocr.export.parity import LEAST_HALF_HMEAN, LEAST_HMEAN, Parity, ParityCheck
from ocr.export.purposes import PURPOSES, Purpose, fixed_side, write_onnx
from ocr.export.state_folder import write_state_folder
from ocr.models import TextDetector
from ocr.starts.naming import OPENVINO as OPENVINO_FILE
from ocr.starts.naming import STATE_FILE

STATE, OPENVINO = "safetensors", "openvino"
FILES: Mapping[str, str] = {
    STATE: STATE_FILE,
    **{name: purpose.path for name, purpose in PURPOSES.items()},
    OPENVINO: OPENVINO_FILE,
}
"""What programs are given of each format, below the folder of the export; other files may be beside it."""
FORMATS = tuple(FILES)
INT8_FILE = "own_int8.onnx"
"""Beside them where it is asked for: see `ocr.export.int8`."""


class Exported(NamedTuple):
    """What became of a format."""

    files: list[Path]  # none where it failed
    parity: Parity


def missing_packages(names: Collection[str]) -> list[str]:
    """Packages that writing and comparing these formats needs, and that are not installed."""
    needed = ["onnx", "onnxruntime"] + ["openvino"] * (OPENVINO in names)
    return [package for package in needed if importlib.util.find_spec(package) is None]


def export(name: str, network: TextDetector, metadata: Metadata, folder: Path, check: ParityCheck) -> Exported:
    """Writes a format and compares it with the network; only then it replaces an earlier one.

    Args:
        name: of `FORMATS`.
        network: in evaluation mode, on the CPU.
        metadata: of the detector.
        folder: where to; made if it is not there.
        check: with this network, on real pages.

    Returns:
        The files with how far they are from the network; no files where that is too far.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write = {STATE: _export_state, OPENVINO: _export_openvino}.get(name, partial(_export_purpose, name))
    with TemporaryDirectory(dir=folder, prefix=".") as temporary:
        aside = Path(temporary)
        files, parity = write(network, metadata, aside, check)
        side = fixed_side(PURPOSES[name], metadata) if name in PURPOSES else None
        files.append(write_host_text(name, metadata.reading, aside, side))
        if parity.fails(LEAST_HALF_HMEAN if name == STATE else LEAST_HMEAN):
            return Exported([], parity)
        return Exported([_move(file, aside, folder) for file in files], parity)


def _move(file: Path, aside: Path, folder: Path) -> Path:
    place = folder / file.relative_to(aside)
    place.parent.mkdir(exist_ok=True)
    return file.replace(place)


def _export_purpose(name: str, network: TextDetector, metadata: Metadata, folder: Path, check: ParityCheck) -> Exported:
    purpose = PURPOSES[name]
    path, side = write_onnx(purpose, network, metadata, folder), fixed_side(purpose, metadata)
    files = [path]
    if name == "paddle":
        files.append(path.with_name("inference.yml"))
        write_text_atomic(files[-1], paddle_configuration(metadata.reading))
    batch = 1 if purpose.output == "plane" else 2
    return Exported(files, check.compare(run_onnx(path, purpose), side=side, batch=batch))


def _export_state(network: TextDetector, metadata: Metadata, folder: Path, check: ParityCheck) -> Exported:
    """The maps are compared with those of the rounded weights, the words with those of the weights as they are."""
    from ocr.detection.engines import onnxruntime_engine

    state_file, graph = write_state_folder(network, metadata, folder)
    rounded, exported = torch_engine.load(state_file, "cpu", None), onnxruntime_engine.load(graph, "cpu", None)
    parity = check.compare(exported.engine)
    difference = check.difference(exported.engine, rounded.engine)
    return Exported([state_file, graph], parity._replace(difference=difference))


def _export_openvino(network: TextDetector, metadata: Metadata, folder: Path, check: ParityCheck) -> Exported:
    import openvino

    from ocr.detection.engines import openvino_engine

    path = folder / OPENVINO_FILE
    with TemporaryDirectory() as temporary:
        model = openvino.convert_model(write_onnx(PURPOSES["own"], network, metadata, Path(temporary)))
        model.set_rt_info(metadata.to_json(), KEY)
        openvino.save_model(model, path, compress_to_fp16=False)
    engine = openvino_engine.load(path, "cpu", None).engine
    return Exported([path, path.with_suffix(".bin")], check.compare(engine))


def run_onnx(path: Path, purpose: Purpose) -> Network:
    """A file of a purpose as a network: it is fed and read as its program does."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        (output,) = session.run(None, {name: purpose.colours(images)})
        if purpose.output == "plane":
            plane: npt.NDArray[np.float32] = output[None]
            return plane
        maps: npt.NDArray[np.float32] = output[:, 0]
        return np.reciprocal(1 + np.exp(-maps)) if purpose.output == "logits" else maps

    return run
