"""Random changes of a training image that leave its class as it is, by albumentations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import Pixels

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the package index for a newer release on import
import albumentations as A

Border = Literal["reflect", "edge", "black"]
_BORDERS = {"reflect": cv2.BORDER_REFLECT_101, "edge": cv2.BORDER_REPLICATE, "black": cv2.BORDER_CONSTANT}


@dataclass(frozen=True)
class ClassificationAugmentation:
    """Mirroring, rotation, shift, scale, light, colour and erasing; all off by default. Each choice is uniform.

    Args:
        horizontal_flip: probability that left and right change places.
        vertical_flip: probability that top and bottom change places.
        rotate: up to so many degrees either way, in [0, 180].
        shift: up to this fraction of width and height either way, in [0, 1).
        scale: range of the magnification; (0.9, 1.1) shows up to 10 % smaller or larger.
        zoom: raises the upper end of `scale` by this fraction, >= 0; alone it never brings a border into view.
        crop_padding: shift of up to so many whole pixels either way, as a crop of the padded image.
        border: what comes into view: `reflect`, `edge` or `black`.
        brightness: factor from 1 - b to 1 + b, b in [0, 1].
        contrast: likewise.
        saturation: likewise.
        erase: probability that a rectangle is filled with the image's mean colour.
        erase_area: range of its fraction of the image, in (0, 1]; (0.25, 0.25) with aspect (1, 1) is cutout.
        erase_aspect: range of its width / height, > 0.

    Raises:
        ValueError: if a value is out of its range, or no rectangle of these areas and aspects fits into a square.
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
        if self.border not in _BORDERS:
            raise ValueError(f"expected border among {tuple(_BORDERS)}, got {self.border!r}")
        largest = min(self.erase_aspect[0], 1 / self.erase_aspect[1], 1)
        if self.erase and self.erase_area[0] > largest:
            raise ValueError(
                f"expected erase_area from at most {largest:.3g}, for rectangles of erase_aspect={self.erase_aspect} "
                f"to fit, got {self.erase_area}"
            )

    def _check(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise ValueError(f"expected {name} in [{low}, {high}], got {value}")

    def _check_range(self, name: str, low: float, high: float) -> None:
        value = tuple(getattr(self, name))
        if len(value) != 2 or not low <= value[0] <= value[1] <= high:
            raise ValueError(f"expected {name} as [low, high] within [{low}, {high}], got {list(value)}")
        object.__setattr__(self, name, value)

    @cached_property
    def _pipeline(self) -> A.Compose:
        """Only what is turned on; pixels are interpolated once at most."""
        border: dict[str, Any] = {"border_mode": _BORDERS[self.border], "p": 1}
        scale = (self.scale[0], self.scale[1] * (1 + self.zoom))
        jitter = self.brightness, self.contrast, self.saturation
        steps = (
            (self.horizontal_flip, A.HorizontalFlip(p=self.horizontal_flip)),
            (self.vertical_flip, A.VerticalFlip(p=self.vertical_flip)),
            (
                self.rotate or self.shift or scale != (1, 1),
                A.Affine(
                    scale=scale,
                    translate_percent=(-self.shift, self.shift),
                    rotate=(-self.rotate, self.rotate),
                    keep_ratio=True,
                    **border,
                ),
            ),
            (self.crop_padding, A.Affine(translate_px=(-self.crop_padding, self.crop_padding), **border)),
            (any(jitter), A.ColorJitter(*((1 - factor, 1 + factor) for factor in jitter), hue=(0, 0), p=1)),
            (self.erase, _Erasing(scale=self.erase_area, ratio=self.erase_aspect, p=self.erase)),
        )
        return A.Compose([step for wanted, step in steps if wanted])

    def __call__(self, image: Pixels, rng: np.random.Generator) -> Pixels:
        """(H, W, 3) uint8 RGB -> the same shape and type; all randomness comes from `rng`.

        The given image is left as it is; it may be returned where nothing changes.
        """
        self._pipeline.set_random_seed(int(rng.integers(2**31)))
        changed: Pixels = self._pipeline(image=image)["image"]
        return changed


class _Erasing(A.Erasing):  # type: ignore[misc]  # albumentations has no types
    """Erasing in the image's mean colour, which albumentations does not offer.

    Source:
        Zhong et al., AAAI 2020 (arXiv 1708.04896); in the mean colour as cutout, DeVries and Taylor (arXiv 1708.04552).
    """

    def apply(self, img: Pixels, holes: npt.NDArray[np.int32], **_: object) -> Pixels:
        """A changed copy."""
        erased = img.copy()
        for left, top, right, bottom in holes.tolist():
            erased[top:bottom, left:right] = np.rint(cv2.mean(img)[:3])
        return erased
