"""A detector's network in OpenVINO."""

from __future__ import annotations

from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt
import openvino

from ocr.detection.colours import Colours
from ocr.detection.engines.engine import Device, DeviceError, Loaded, Shape, check_shapes
from ocr.detection.metadata import KEY, DetectorError, read_onnx_metadata

# Processors with bf16 or f16 would use it by default and differ from all others.
_OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}


class OpenvinoEngine:
    """Runs a compiled network; each of the threads that call it at a time has a request of its own.

    Args:
        network: images (N, 3, H, W) -> probability maps (N, 1, H, W), sizes free.
        colours: what it takes.
    """

    name = "openvino"
    device = "cpu"

    def __init__(self, network: openvino.CompiledModel, colours: Colours) -> None:
        self._network = network
        self._colours = colours
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """See `Engine`."""
        try:
            request = self._idle.get_nowait()
        except Empty:
            request = self._network.create_infer_request()
        try:
            maps = request.infer({0: self._colours(images)})[0]
            probability: npt.NDArray[np.float32] = maps[:, 0].copy()  # the request's memory is used again
        finally:
            self._idle.put(request)
        return probability


def load(path: Path, device: Device, threads: int | None) -> Loaded:
    """A detector from an IR or an ONNX file.

    Args:
        path: `.xml` with its `.bin` beside it, or `.onnx`.
        device: `auto` or `cpu`.
        threads: of the network; None: as many as OpenVINO chooses.

    Raises:
        DetectorError: if the file is none, or has another input or output than a detector's.
        DeviceError: for another device.
    """
    if device not in ("auto", "cpu"):
        raise DeviceError(f"expected device 'auto' or 'cpu' for OpenVINO, got {device!r}")
    core, threading = openvino.Core(), {} if threads is None else {"INFERENCE_NUM_THREADS": threads}
    try:
        model = core.read_model(path)
        place = ["framework", KEY] if path.suffix == ".onnx" else KEY
        stored = model.get_rt_info(place).astype(str) if model.has_rt_info(place) else None
        inputs, outputs = ([_shape(end) for end in ends] for ends in (model.inputs, model.outputs))
        check_shapes(inputs, outputs, path)
        network = core.compile_model(model, "CPU", _OPTIONS | threading)
    except DetectorError:
        raise
    except Exception as error:  # OpenVINO's errors have no common base but Exception
        raise DetectorError(f"{path}: expected a network, OpenVINO says: {_last_line(error)}") from error
    metadata = read_onnx_metadata(stored, path)
    return Loaded(OpenvinoEngine(network, metadata.colours), metadata)


def _shape(end: openvino.Output) -> Shape:
    return [size.get_length() if size.is_static else None for size in end.partial_shape]


def _last_line(error: Exception) -> str:
    """The reason: the lines above it are places in OpenVINO's sources."""
    return next((line for line in reversed(str(error).splitlines()) if line), repr(error))
