"""What an engine offers, and the devices that people name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ocr.detection.metadata import DetectorError, Metadata

Device = Literal["auto", "cpu", "cuda", "mps"]
Shape = Sequence[int | str | None]
"""Sizes of a tensor's axes; a name or None where any size is possible."""


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


def check_shapes(inputs: Sequence[Shape], outputs: Sequence[Shape], path: Path) -> None:
    """Refuses a network that is not one of a detector.

    Args:
        inputs: the sizes of each one's axes; what is no number is free.
        outputs: the same.
        path: its file.

    Raises:
        DetectorError: unless images (N, 3, H, W) become maps (N, 1, H, W) with H and W free.
    """
    given, made = next(iter(inputs), ()), next(iter(outputs), ())
    is_input = len(given) == 4 and given[1] == 3 and not any(isinstance(side, int) for side in given[2:])
    is_output = len(made) == 4 and (made[1] == 1 or not isinstance(made[1], int))
    if not (is_input and is_output):
        raise DetectorError(
            f"{path}: expected a network of images (N, 3, H, W) to maps (N, 1, H, W) with H and W free, got "
            f"{list(given)} to {list(made)}: of the files of runners/export.py take own.onnx"
        )
