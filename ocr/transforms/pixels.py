"""Pixel augmentations: what light, paper, camera and compression do to an image; geometry stays as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.special import ndtri

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the package index for a newer release on import
import albumentations as A

from baseline_code.images.decoding import Pixels

Change = Callable[[Pixels, np.random.Generator], Pixels]
"""(H, W, 3) uint8 RGB -> the same shape and type, its input left alone; all randomness comes from the generator."""

_NORMAL_LEVELS = ndtri((np.arange(256) + 0.5) / 256)
"""256 equally likely values whose distribution is that of a normal variable of variance 1, but for the far tails."""
_NORMAL_LEVELS /= _NORMAL_LEVELS.std()


@dataclass(frozen=True)
class PixelAugmentation:
    """Random light, blur, noise and compression; each value is the probability of its group.

    Args:
        light: brightness and contrast, or gamma.
        colour: hue and saturation, or grey.
        shadow: one or two dark polygons over parts of the lower half.
        blur: Gaussian or motion blur, 3 to 5 px.
        noise: Gaussian noise, of a standard deviation of 1 to 6 % of the range.
        compression: JPEG of quality 40 to 90.

    Raises:
        ValueError: if a probability is outside [0, 1].
    """

    light: float = 0.5
    colour: float = 0.2
    shadow: float = 0.1
    blur: float = 0.15
    noise: float = 0.15
    compression: float = 0.2

    def __post_init__(self) -> None:
        for name, probability in vars(self).items():
            if not 0 <= probability <= 1:
                raise ValueError(f"expected the probability of {name} in [0, 1], got {probability}")

    @cached_property
    def _groups(self) -> list[tuple[float, Change]]:
        # By default its kernels are off-centre, which moves the image by up to 1.7 px and leaves the labels behind.
        centred_motion_blur = A.MotionBlur((3, 5), allow_shifted=False, direction_range=(0.0, 0.0), p=1)
        return [
            (self.light, _OneOf(A.RandomBrightnessContrast(0.3, 0.3, p=1), A.RandomGamma((60, 160), p=1))),
            (self.colour, _OneOf(A.HueSaturationValue(10, 30, 0, p=1), A.ToGray(p=0.5))),
            (self.shadow, cast_shadows),
            (self.blur, _OneOf(A.GaussianBlur((3, 5), p=1), centred_motion_blur)),
            (self.noise, add_noise),
            (self.compression, _OneOf(A.ImageCompression(quality_range=(40, 90), p=1))),
        ]

    def __call__(self, image: Pixels, rng: np.random.Generator) -> Pixels:
        """(H, W, 3) uint8 RGB -> the same shape and type; all randomness comes from `rng`."""
        for probability, change in self._groups:
            if rng.random() < probability:
                image = change(image, rng)
        return image


class _OneOf:
    """One of albumentations' transforms, chosen with the probabilities that they have."""

    def __init__(self, *transforms: A.BasicTransform) -> None:
        self._pipeline = A.Compose([A.OneOf(transforms, p=1)])

    def __call__(self, image: Pixels, rng: np.random.Generator) -> Pixels:
        self._pipeline.set_random_seed(int(rng.integers(2**31)))
        changed: Pixels = self._pipeline(image=image)["image"]
        return changed


def cast_shadows(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Halves the brightness inside one or two polygons of five random corners in the lower half; see `Change`."""
    height, width = image.shape[:2]
    for _ in range(rng.integers(1, 3)):
        corners = rng.integers((0, height // 2), (width, height), (5, 2), dtype=np.int32)
        inside = cv2.fillPoly(np.zeros((height, width), np.uint8), [corners], 1)
        image = np.asarray(cv2.copyTo(cv2.convertScaleAbs(image, alpha=0.5), inside, image.copy()), dtype=np.uint8)
    return image


def add_noise(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Adds Gaussian noise, each value on its own, of a standard deviation of 1 to 6 % of the range; see `Change`.

    A random byte looks its value up in the quantiles of the distribution: much faster than drawing normal numbers.
    """
    levels = np.rint(_NORMAL_LEVELS * 255 * rng.uniform(0.01, 0.06)).astype(np.int8)
    drawn = np.frombuffer(rng.bytes(image.size), dtype=np.uint8).reshape(image.shape)
    return np.asarray(cv2.add(image, cv2.LUT(drawn, levels), dtype=cv2.CV_8U), dtype=np.uint8)
