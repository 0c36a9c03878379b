"""From a path or a name to an engine that runs the detector in it."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import get_args

from ocr.detection.engines.engine import Device, DeviceError, Loaded
from ocr.detection.metadata import DetectorError
from ocr.detection.state_file import check_state_file
from ocr.starts import SHIPPED, STARTS, did_you_mean, find_state_file, onnx_path
from ocr.starts.naming import GRAPH, OPENVINO, OWN, STATE_FILE

ENGINES = {
    "onnxruntime": ("onnxruntime",),
    "openvino": ("openvino",),
    "torch": ("torch", "timm", "safetensors"),
}
"""In the order in which they are taken, with the modules that each needs."""
EXTRAS = {"onnxruntime": ("cpu", "gpu"), "openvino": ("openvino",), "torch": ("train",)}
"""Of this package: what brings an engine, the usual one first."""
DEFAULT = SHIPPED[0]

log = logging.getLogger(__name__)


def load_engine(path: str | Path | None, device: Device, threads: int | None, engine: str | None) -> Loaded:
    """An engine with the network of a file; takes and raises what `Detector.load` does."""
    if device not in get_args(Device):
        raise ValueError(f"expected device to be one of {', '.join(get_args(Device))}, got {device!r}")
    if threads is not None and threads < 1:
        raise ValueError(f"expected threads >= 1, got {threads}")
    file = _find_file(DEFAULT if path is None else path)
    refused = []
    for name in _choose_engines(file, engine):
        network = file.with_name(GRAPH) if file.suffix == ".safetensors" and name != "torch" else file
        try:
            loaded: Loaded = import_module(f"ocr.detection.engines.{name}_engine").load(network, device, threads)
        except DeviceError as error:
            refused.append(str(error))
            continue
        if network != file:
            check_state_file(file, loaded.metadata)
        log.info("%s runs in %s on %s", file, name, loaded.engine.device)
        return loaded
    raise DeviceError("; ".join(refused))


def _find_file(path: str | Path) -> Path:
    if str(path) in STARTS:
        return onnx_path(path)
    file = find_state_file(path) or Path(path)
    if file.is_dir():
        readable = [file / name for name in (OWN, OPENVINO) if (file / name).is_file()]
        if not readable:
            names = ", ".join((STATE_FILE, OWN, OPENVINO))
            hint = ": give the path of the checkpoint" if next(file.glob("**/*.ckpt"), None) else ""
            raise DetectorError(f"expected a detector at {path}, found a folder without any of {names}{hint}")
        return readable[0]
    if not file.is_file():
        raise DetectorError(f"expected a detector at {path}, found no file there{did_you_mean(str(path))}")
    return file


def _choose_engines(file: Path, engine: str | None) -> list[str]:
    """The engines that can run a file and are installed, the best first; only the one that is asked for."""
    if engine is not None and engine not in ENGINES:
        raise ValueError(f"expected engine to be one of {', '.join(ENGINES)}, got {engine!r}")
    able = _able(file)
    if engine is not None and engine not in able:
        raise DetectorError(f"{file}: expected engine to be {' or '.join(able)} for this file, got {engine!r}")
    wanted = able if engine is None else (engine,)
    installed = [name for name in wanted if is_installed(name)]
    if not installed:
        raise DetectorError(f"{file}: expected {' or '.join(wanted)} to run it, not installed: {install_line(wanted)}")
    return installed


def install_line(engines: Sequence[str]) -> str:
    """The command that brings the first of these engines, and the extras of this package that bring another one."""
    first, *others = [extra for engine in engines for extra in EXTRAS[engine]]
    instead = f" (or {', '.join(f'[{extra}]' for extra in others)})" if others else ""
    return f'pip install "dbnet-training[{first}]"{instead}'


def _able(file: Path) -> tuple[str, ...]:
    if file.suffix == ".onnx":
        return ("onnxruntime", "openvino")
    if file.suffix == ".xml":
        return ("openvino",)
    is_with_graph = file.name == STATE_FILE and file.with_name(GRAPH).is_file()  # it names the file of its weights
    return tuple(ENGINES) if is_with_graph else ("torch",)


def is_installed(engine: str) -> bool:
    """Whether the packages of an engine are here; none of them is imported."""
    try:
        return all(importlib.util.find_spec(module) is not None for module in ENGINES[engine])
    except (ImportError, ValueError):  # imports of it are blocked
        return False
