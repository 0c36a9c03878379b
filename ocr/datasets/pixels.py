"""Pixel augmentations: what light, paper, camera and compression do to a picture; geometry stays as it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the package index for a newer release on import
import albumentations as A


@dataclass(frozen=True)
class PixelAugmentation:
    """Random light, blur, noise and compression; each value is the probability of its group.

    Args:
        light: brightness and contrast, or gamma.
        colour: hue and saturation, or grey.
        shadow: a dark polygon over a part of the picture.
        blur: Gaussian or motion blur, 3 to 5 px.
        noise: Gaussian noise.
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
    def _pipeline(self) -> A.Compose:
        # By default its kernels are off-centre, which moves the picture by up to 1.7 px and leaves the labels behind.
        centred_motion_blur = A.MotionBlur((3, 5), allow_shifted=False, direction_range=(0.0, 0.0), p=1)
        return A.Compose(
            [
                A.OneOf([A.RandomBrightnessContrast(0.3, 0.3, p=1), A.RandomGamma((60, 160), p=1)], p=self.light),
                A.OneOf([A.HueSaturationValue(10, 30, 0, p=1), A.ToGray(p=0.5)], p=self.colour),
                A.RandomShadow(p=self.shadow),
                A.OneOf([A.GaussianBlur((3, 5), p=1), centred_motion_blur], p=self.blur),
                A.GaussNoise(std_range=(0.01, 0.06), p=self.noise),
                A.ImageCompression(quality_range=(40, 90), p=self.compression),
            ]
        )

    def __call__(self, image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        """(H, W, 3) uint8 RGB -> the same shape and type; all randomness comes from `rng`."""
        self._pipeline.set_random_seed(int(rng.integers(2**31)))
        augmented: npt.NDArray[np.uint8] = self._pipeline(image=image)["image"]
        return augmented
