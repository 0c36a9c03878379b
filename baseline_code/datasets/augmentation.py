"""Random changes of a training image that leave its class as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from baseline_code.datasets.colour import jitter
from baseline_code.datasets.erasing import erase
from baseline_code.datasets.geometry import Border, Placement, place
from baseline_code.images.reading import Pixels


@dataclass(frozen=True)
class ClassificationAugmentation:
    """Mirroring, rotation, shift, scale, light, colour and erasing; all off by default.

    Each choice is uniform, and has a random number of its own: to turn one on leaves the others as they were.

    Args:
        horizontal_flip: probability that left and right change places.
        vertical_flip: probability that top and bottom change places.
        rotate: up to so many degrees either way, in [0, 180].
        shift: up to this fraction of width and height either way, in [0, 1).
        scale: range of the magnification; (0.9, 1.1) shows up to 10 % smaller or larger.
        zoom: magnification of up to 1 + zoom on top, >= 0; never brings a border into view.
        crop_padding: shift of up to so many whole pixels either way, as a crop of the padded image.
        border: what comes into view: `reflect`, `edge` or `black`.
        brightness: factor from 1 - b to 1 + b, b in [0, 1].
        contrast: likewise.
        saturation: likewise.
        erase: probability that a rectangle is filled with the mean colour.
        erase_area: range of its fraction of the image, in (0, 1]; (0.25, 0.25) with aspect (1, 1) is cutout.
        erase_aspect: range of its width / height, > 0.

    Raises:
        ValueError: if a value is out of its range.
    """

    horizontal_flip: float = 0.0
    vertical_flip: float = 0.0
    rotate: float = 0.0
    shift: float = 0.0
    scale: Sequence[float] = (1.0, 1.0)
    zoom: float = 0.0
    crop_padding: int = 0
    border: Border = "reflect"
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    erase: float = 0.0
    erase_area: Sequence[float] = (0.02, 0.25)
    erase_aspect: Sequence[float] = (0.5, 2.0)

    def __post_init__(self) -> None:
        for name in ("horizontal_flip", "vertical_flip", "brightness", "contrast", "saturation", "erase"):
            self._check(name, 0, 1)
        self._check("rotate", 0, 180)
        self._check("shift", 0, 0.999)
        self._check("zoom", 0, 100)
        self._check("crop_padding", 0, 10_000)
        self._check_range("scale", 0.01, 100)
        self._check_range("erase_area", 0.0001, 1)
        self._check_range("erase_aspect", 0.01, 100)
        if self.border not in get_args(Border):
            raise ValueError(f"expected border among {get_args(Border)}, got {self.border!r}")

    def _check(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise ValueError(f"expected {name} in [{low}, {high}], got {value}")

    def _check_range(self, name: str, low: float, high: float) -> None:
        value = tuple(getattr(self, name))
        if len(value) != 2 or not low <= value[0] <= value[1] <= high:
            raise ValueError(f"expected {name} as [low, high] within [{low}, {high}], got {list(value)}")
        object.__setattr__(self, name, value)  # the lists of a configuration are slow to read

    def __call__(self, image: Pixels, rng: np.random.Generator) -> Pixels:
        """(H, W, 3) uint8 RGB -> the same shape and type; all randomness comes from `rng`.

        The given image is left as it is; it may be returned where nothing changes.
        """
        draws = rng.random(17)
        height, width = image.shape[:2]
        changed = place(image, self._placement(draws[:9], width, height), self.border)
        if self.brightness or self.contrast or self.saturation:
            strengths = np.array([self.brightness, self.contrast, self.saturation])
            changed = jitter(changed, *(1 + (2 * draws[9:12] - 1) * strengths).tolist())
        if draws[12] < self.erase:
            area = _between(self.erase_area, draws[13])
            aspect = float(np.exp(_between(np.log(self.erase_aspect).tolist(), draws[14])))
            changed = erase(changed, area, aspect, (float(draws[15]), float(draws[16])))
        return changed

    def _placement(self, draws: npt.NDArray[np.float64], width: int, height: int) -> Placement:
        mirror, upside_down, degrees, scale, zoom, shift_x, shift_y, crop_x, crop_y = draws.tolist()
        crops = 2 * self.crop_padding + 1
        return Placement(
            mirror < self.horizontal_flip,
            upside_down < self.vertical_flip,
            (2 * degrees - 1) * self.rotate + 0.0,
            _between(self.scale, scale) * (1 + self.zoom * zoom),
            (
                (2 * shift_x - 1) * self.shift * width + int(crop_x * crops) - self.crop_padding,
                (2 * shift_y - 1) * self.shift * height + int(crop_y * crops) - self.crop_padding,
            ),
        )


def _between(bounds: Sequence[float], fraction: float) -> float:
    return bounds[0] + (bounds[1] - bounds[0]) * float(fraction)
