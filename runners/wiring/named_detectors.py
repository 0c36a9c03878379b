"""Detectors that no checkpoint holds: shipped ones, those of packages, and ONNX files, ready to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf

from ocr.detection.reading import INPUT_SETTINGS
from ocr.detection.state_file import read_state_file
from ocr.starts import ARCHITECTURES, STARTS, StartError, find_state_file, is_onnx_start, known_as, onnx_path
from ocr.starts.naming import GRAPH, OPENVINO, OWN, STATE_FILE
from ocr.starts.onnx_start import check_is_no_export, load_onnx
from runners.cli.entry import CONFIG_DIR
from runners.cli.settings import Settings, plain
from runners.wiring.parts import build_network, compose_defaults


def as_checkpoint(name: str | Path) -> dict[str, Any] | None:
    """What a checkpoint of a named detector would hold: its settings and its weights, without any training.

    One from an ONNX file has a threshold branch of random weights: evaluation and prediction do not read it.

    Args:
        name: of `ocr.starts.SHIPPED` or `STARTS`, or a path.

    Returns:
        `config` and `state_dict`; None for a path that is neither a state file, a folder of one, nor an ONNX file.

    Raises:
        ocr.starts.StartError: if the package or the file is not there, or is no detector that is known here.
        ocr.detection.DetectorError: if a state file cannot be read.
    """
    state_file = find_state_file(name)
    if state_file is not None:
        return _read_state_file(state_file)
    _check_folder(Path(name))
    if not is_onnx_start(name):
        return None
    check_is_no_export(onnx_path(name))
    known = known_as(name)
    candidates, misfits = ((known,) if known else ARCHITECTURES), []
    for candidate in candidates:
        settings = _settings(candidate)
        merged = DictConfig(OmegaConf.merge(compose_defaults("base"), settings))
        detector = build_network(Settings.of(plain(merged)))
        try:
            load_onnx(detector, name)
        except StartError as error:
            misfits.append(f"{candidate}: {error}")
            continue
        state = {f"detector.{key}": value for key, value in detector.state_dict().items()}
        return {"config": settings, "state_dict": state}
    raise StartError(f"expected {name} to be built like one of {', '.join(candidates)}; {'; '.join(misfits)}")


def _check_folder(path: Path) -> None:
    """Refuses a folder with exports that are none to go on from.

    Raises:
        ocr.starts.StartError: naming the one that is missing.
    """
    found = [name for name in (OWN, GRAPH, OPENVINO) if (path / name).is_file()]
    if found:
        raise StartError(
            f"expected {STATE_FILE} in {path}, found {found[0]}, an export for other programs: runners/export.py "
            "writes what commands take by formats=[safetensors]"
        )


def _read_state_file(path: Path) -> dict[str, Any]:
    metadata, weights = read_state_file(path)
    settings = metadata.reading.settings
    inputs = {name: settings.pop(name) for name in INPUT_SETTINGS}
    datasets = {"padding": inputs.pop("padding")} | {split: {**inputs, "batch_size": 1} for split in ("val", "test")}
    models = {**metadata.network, "head": {**metadata.network["head"], **settings}}
    state = {f"detector.{key}": torch.from_numpy(value).float() for key, value in weights.items()}
    return {"config": {"models": models, "datasets": datasets}, "state_dict": state}


def _settings(name: str) -> dict[str, Any]:
    """How a detector is built and read: its network, the long side, padded no more than needed."""
    datasets = {"img_size": STARTS[name].img_size, "padding": "multiple"}
    datasets |= {split: {"batch_size": 1} for split in ("val", "test")}
    models = OmegaConf.load(CONFIG_DIR / "preset/models" / f"{name}.yaml")
    return {"models": OmegaConf.to_container(models), "datasets": datasets}
