"""A detector's network in torch, from a checkpoint of a training or a state file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from baseline_code.files.duplicates import file_sha256
from baseline_code.files.shown_text import first_line
from baseline_code.models.normalisation import Normalisation
from baseline_code.training.checkpoint_io import check_whole
from ocr.detection.engines.engine import Device, DeviceError, Loaded
from ocr.detection.metadata import DetectorError, Metadata
from ocr.detection.reading import INPUT_SETTINGS, SETTINGS, Reading
from ocr.detection.state_file import read_state_file
from ocr.models import TextDetector
from ocr.models.detector import build_architecture, pick_architecture

_PREFIX = "detector."
_REFERENCE = re.compile(r"\$\{([\w.]+)\}")


class TorchEngine:
    """Runs a network in float32; its convolutions in TF32 where `torch.backends.cudnn.allow_tf32` says so.

    Args:
        network: in evaluation mode; it takes this project's input.
        device: `cpu`, `cuda` or `mps`.
    """

    name = "torch"

    def __init__(self, network: TextDetector, device: str) -> None:
        self.device = device
        self.network = network.to(device)
        self._normalise = Normalisation().to(device)

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """See `Engine`."""
        with torch.inference_mode():
            batch = torch.from_numpy(images).to(self.device).permute(0, 3, 1, 2)
            probability: npt.NDArray[np.float32] = self.network.predict_probability(self._normalise(batch))[:, 0].numpy(
                force=True
            )
        return probability


def load(path: Path, device: Device, threads: int | None) -> Loaded:
    """A detector from a file.

    Args:
        path: a state file, or a checkpoint of `runners/train.py`. No code in it is run.
        device: where to run.
        threads: of torch in this process; None: as it is.

    Raises:
        DetectorError: if the file holds no detector, does not fit the network that it names, or holds a NaN.
        DeviceError: if the device is not here.
    """
    place = choose_device(device)
    metadata, state = _read_state_file(path) if path.suffix == ".safetensors" else _read_checkpoint(path)
    try:
        network = build_architecture(metadata.network)
        network.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise DetectorError(f"{path}: its weights do not fit the network that it names: {error}") from error
    broken = next((name for name, value in network.state_dict().items() if not bool(value.isfinite().all())), None)
    if broken is not None:
        raise DetectorError(f"{path}: expected finite weights, got NaN or infinity in {broken}; take another epoch's")
    if threads is not None:
        torch.set_num_threads(threads)
    return Loaded(TorchEngine(network.eval(), place), metadata)


def choose_device(device: Device) -> str:
    """Where torch runs: the device itself, or for `auto` the first of `cuda`, `mps` and `cpu` that is here.

    Raises:
        DeviceError: if it is not here.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return next(name for name, is_here in here.items() if is_here)
    if not here[device]:
        raise DeviceError(f"expected torch to have {device} on this machine, it has not: take device='auto' or 'cpu'")
    return device


def _read_state_file(path: Path) -> tuple[Metadata, dict[str, Tensor]]:
    metadata, weights = read_state_file(path)
    return metadata, {name: torch.from_numpy(value) for name, value in weights.items()}


def _read_checkpoint(path: Path) -> tuple[Metadata, dict[str, Tensor]]:
    try:
        check_whole(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
        config, weights = content["config"], content["state_dict"]
        models, datasets = config["models"], config["datasets"]
        settings = {name: value for name, value in models["head"].items() if name in SETTINGS}
        inputs = {"padding": datasets["padding"], **datasets["test"]}
        settings |= {name: _resolved(config, inputs[name]) for name in INPUT_SETTINGS if name in inputs}
        metadata = Metadata(
            Reading.of(settings),
            network=pick_architecture(models),
            fingerprint=file_sha256(path),
            description=path.name,
        )
    except Exception as error:  # bytes that are no checkpoint raise anything, from UnpicklingError to KeyError
        raise DetectorError(
            f"{path}: expected a detector's checkpoint, could not read it: {first_line(error)}"
        ) from error
    return metadata, {name.removeprefix(_PREFIX): value for name, value in weights.items()}


def _resolved(config: Mapping[str, Any], value: Any) -> Any:  # noqa: ANN401
    """A setting, or the one that it refers to by `${a.b}`."""
    while isinstance(value, str) and (reference := _REFERENCE.fullmatch(value)):
        value = config
        for name in reference[1].split("."):
            value = value[name]
    return value
