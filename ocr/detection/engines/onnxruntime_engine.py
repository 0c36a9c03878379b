"""A detector's network in onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from baseline_code.files.shown_text import first_line
from ocr.detection.colours import Colours
from ocr.detection.engines.engine import Device, DeviceError, Loaded, check_shapes
from ocr.detection.metadata import KEY, DetectorError, read_onnx_metadata

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
# The heuristic: an exhaustive search would be repeated for each new size. TF32 would cost three digits.
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}


class OnnxruntimeEngine:
    """Runs a session, which threads may use together.

    Args:
        session: images (N, 3, H, W) -> probability maps (N, 1, H, W), sizes free.
        colours: what it takes.
    """

    name = "onnxruntime"

    def __init__(self, session: onnxruntime.InferenceSession, colours: Colours) -> None:
        self.device = "cuda" if session.get_providers()[0] == _CUDA else "cpu"
        self._session = session
        self._input = session.get_inputs()[0].name
        self._output = session.get_outputs()[0].name
        self._colours = colours

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """See `Engine`."""
        (maps,) = self._session.run([self._output], {self._input: self._colours(images)})
        probability: npt.NDArray[np.float32] = maps[:, 0]
        return probability


def load(path: Path, device: Device, threads: int | None) -> Loaded:
    """A detector from an ONNX file.

    Args:
        path: of the file.
        device: `auto` takes CUDA where onnxruntime has it.
        threads: of one operation; None: as many as onnxruntime chooses.

    Raises:
        DetectorError: if the file is none, or has another input or output than a detector's.
        DeviceError: if the device is not here.
    """
    has_cuda = _CUDA in onnxruntime.get_available_providers()
    if device == "mps" or (device == "cuda" and not has_cuda):
        raise DeviceError(f"expected onnxruntime to have {device}, this one has not: onnxruntime-gpu has cuda")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or 0
    providers = [(_CUDA, _CUDA_OPTIONS), _CPU] if has_cuda and device != "cpu" else [_CPU]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's errors have no common base but Exception
        raise DetectorError(f"{path}: expected an ONNX file, onnxruntime says: {first_line(error)}") from error
    if device == "cuda" and session.get_providers()[0] != _CUDA:
        raise DeviceError(
            "expected onnxruntime to run on cuda, it fell back to the CPU: its CUDA libraries are missing"
        )
    check_shapes([one.shape for one in session.get_inputs()], [one.shape for one in session.get_outputs()], path)
    metadata = read_onnx_metadata(session.get_modelmeta().custom_metadata_map.get(KEY), path)
    return Loaded(OnnxruntimeEngine(session, metadata.colours), metadata)
