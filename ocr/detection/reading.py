"""How an image is laid into a network's input, and how the map that comes out is read."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, SupportsFloat

import numpy as np
import numpy.typing as npt

from ocr.geometry import scaling
from ocr.postprocess import READ_WITH_MODE, DBPostProcess, Detections
from ocr.transforms.geometric import READ_WITH_RESIZE, Letterbox
from ocr.transforms.warping import warp_image

Network = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
"""(N, H, W, 3) uint8 RGB, H and W multiples of 32 -> probability maps, (N, H, W) float32 in [0, 1]."""

_PARAMETERS = {**inspect.signature(Letterbox).parameters, **inspect.signature(DBPostProcess).parameters}
_NUMBERS = {name for name, parameter in _PARAMETERS.items() if not isinstance(parameter.default, str)}
INPUT_SETTINGS = tuple(inspect.signature(Letterbox).parameters)
SETTINGS = tuple(_PARAMETERS)
"""What can be chosen: the arguments of `Letterbox` and of `DBPostProcess`."""
READ_WITH = {**READ_WITH_RESIZE, **READ_WITH_MODE}
"""Those of them that do nothing unless another one has a value: that one and its value."""


@dataclass(frozen=True)
class Reading:
    """The settings of a detector beside its weights.

    Args:
        letterbox: original -> input.
        postprocess: probability map -> polygons.
    """

    letterbox: Letterbox
    postprocess: DBPostProcess

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """By the names in `SETTINGS`; `img_size` is needed, all others have defaults.

        Raises:
            TypeError: if one has no such name, or `img_size` is missing.
            ValueError: if a value is no number where one is needed, or out of its range.
        """
        for name, value in settings.items():
            if name not in SETTINGS:
                near = difflib.get_close_matches(name, SETTINGS, n=1)
                hint = f", did you mean {near[0]}?" if near else ""
                raise TypeError(f"expected settings out of {', '.join(SETTINGS)}, got {name!r}{hint}")
            if name in _NUMBERS and not isinstance(value, SupportsFloat):
                raise ValueError(f"expected {name} to be a number, got {value!r}")
        letterbox = {name: value for name, value in settings.items() if name in INPUT_SETTINGS}
        postprocess = {name: value for name, value in settings.items() if name not in INPUT_SETTINGS}
        return cls(Letterbox(**letterbox), DBPostProcess(**postprocess))

    @property
    def settings(self) -> dict[str, Any]:
        """All of them by their names, as `of` takes them."""
        return vars(self.letterbox) | vars(self.postprocess)

    def changed(self, settings: Mapping[str, Any]) -> Self:
        """The same but for these settings.

        Raises:
            TypeError, ValueError: as by `of`.
        """
        return self.of(self.settings | dict(settings)) if settings else self

    def asked(self, settings: Mapping[str, Any]) -> Self:
        """The same but for settings that somebody asks for; each that is another than here has to act.

        Raises:
            TypeError: as by `of`.
            ValueError: as by `of`, and if one is not read with the settings that result.
        """
        changed = self.changed(settings)
        own, results = self.settings, changed.settings
        for name in settings:
            if name in READ_WITH and results[name] != own[name]:
                chooser, value = READ_WITH[name]
                if results[chooser] != value:
                    raise ValueError(
                        f"expected {chooser}={value} beside {name}, which is read with it only, got "
                        f"{chooser}={results[chooser]}: add {chooser}={value}, or leave {name} out"
                    )
        return changed

    def find(self, pixels: npt.NDArray[np.uint8], network: Network) -> Detections:
        """The words of one image.

        Args:
            pixels: (H, W, 3) uint8 RGB.
            network: predicts the map.

        Returns:
            In pixels of the image, best first.
        """
        height, width = pixels.shape[:2]
        return self.read(self.predict(pixels, network), width, height)

    def predict(self, pixels: npt.NDArray[np.uint8], network: Network) -> npt.NDArray[np.uint16]:
        """The probability map that covers an image exactly, (h, w), in 16 bits as those are that `predict.py` keeps."""
        height, width = pixels.shape[:2]
        transform = self.letterbox(width, height)
        scale_x, scale_y = np.diag(transform.original_to_input)[:2]
        probability = network(warp_image(pixels, transform)[None])[0]
        covered = probability[: round(height * scale_y), : round(width * scale_x)]
        rounded: npt.NDArray[np.uint16] = (covered * 65535 + 0.5).astype(np.uint16)
        return rounded

    def read(self, probability: npt.NDArray[np.uint16], width: int, height: int) -> Detections:
        """The words in a map of `predict`, in pixels of its image of `width` x `height` px, best first."""
        rows, columns = probability.shape
        return self.postprocess(probability, scaling(width / columns, height / rows), width, height)
