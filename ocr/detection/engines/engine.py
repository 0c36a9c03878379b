"""What an engine offers, and the devices that people name."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ocr.detection.metadata import DetectorError, Metadata

Device = Literal["auto", "cpu", "cuda", "mps"]


class DeviceError(DetectorError):
    """A device that the engine does not have here."""


class Engine(Protocol):
    """A network with its weights; threads may use it together."""

    @property
    def name(self) -> str:
        """`onnxruntime`, `openvino` or `torch`."""
        ...

    @property
    def device(self) -> str:
        """Where it really runs."""
        ...

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """(N, H, W, 3) uint8 RGB, H and W multiples of 32 -> probability maps, (N, H, W) in [0, 1]."""
        ...


class Loaded(NamedTuple):
    """An engine and what its file says of the detector."""

    engine: Engine
    metadata: Metadata
