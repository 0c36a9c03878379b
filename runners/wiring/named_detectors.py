"""Detectors that no checkpoint of ours holds: those of packages by their name, and ONNX files, ready to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ocr.models import TextDetector
from ocr.starts import ARCHITECTURES, STARTS, StartError, is_onnx_start, known_as, load_onnx, onnx_path
from runners.cli.entry import CONFIG_DIR
from runners.cli.settings import plain
from runners.wiring.parts import build_network, compose_defaults


def as_checkpoint(name: str | Path) -> dict[str, Any] | None:
    """What a checkpoint of a named detector would hold: its settings and its weights, without any training.

    Its threshold branch has random weights: evaluation and prediction do not read it.

    Args:
        name: of `ocr.starts.STARTS`, or a path.

    Returns:
        `config` and `state_dict`; None for a path that is no ONNX file.

    Raises:
        ocr.starts.StartError: if the package or the file is not there, or is no detector that is known here.
    """
    if not is_onnx_start(name):
        return None
    known = known_as(name)
    candidates, misfits = ((known,) if known else ARCHITECTURES), []
    for candidate in candidates:
        settings = _settings(candidate)
        detector = _build(settings)
        try:
            load_onnx(detector, name)
        except StartError as error:
            misfits.append(f"{candidate}: {error}")
            continue
        state = {f"detector.{key}": value for key, value in detector.state_dict().items()}
        return {"config": plain(settings), "state_dict": state}
    raise StartError(f"expected {name} to be built like one of {', '.join(candidates)}; {'; '.join(misfits)}")


def checkpoint_file(path: str | Path) -> Path:
    """The file behind a checkpoint's path or a detector's name.

    Raises:
        ocr.starts.StartError: see `ocr.starts.onnx_path`.
    """
    return onnx_path(path) if is_onnx_start(path) else Path(path)


def _settings(name: str) -> DictConfig:
    """How a detector is built and read: its network, the long side, padded no more than needed."""
    datasets = {"img_size": STARTS[name].img_size, "padding": "multiple"}
    datasets |= {part: {"batch_size": 1} for part in ("val", "test")}
    return OmegaConf.create(
        {"models": OmegaConf.load(CONFIG_DIR / "preset/models" / f"{name}.yaml"), "datasets": datasets}
    )


def _build(settings: DictConfig) -> TextDetector:
    return build_network(DictConfig(OmegaConf.merge(compose_defaults("base"), settings)))
