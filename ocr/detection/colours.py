"""The numbers that a network takes for the colours of an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD, Channels

Order = Literal["rgb", "bgr"]


@dataclass(frozen=True)
class Colours:
    """Order, mean and deviation of a network's input.

    Args:
        channels: the order of its input channels.
        mean: of values in [0, 1], in that order.
        std: likewise.

    Raises:
        ValueError: if the order is unknown or a deviation is not positive.
    """

    channels: Order = "rgb"
    mean: Channels = IMAGENET_MEAN
    std: Channels = IMAGENET_STD

    def __post_init__(self) -> None:
        check_order(self.channels)
        if not all(value > 0 for value in self.std):
            raise ValueError(f"expected deviations > 0, got {self.std}")

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """(N, H, W, 3) uint8 RGB -> (N, 3, H, W) float32, normalised."""
        planes = np.empty((len(images), 3, *images.shape[1:3]), np.float32)
        order = (0, 1, 2) if self.channels == "rgb" else (2, 1, 0)
        for place, (channel, mean, std) in enumerate(zip(order, self.mean, self.std, strict=True)):
            plane = planes[:, place]
            np.multiply(images[..., channel], np.float32(1 / (255 * std)), out=plane)
            plane -= np.float32(mean / std)
        return planes

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """From the values of the fields by their names.

        Raises:
            KeyError, TypeError, ValueError: if one is missing, of another type or out of its range.
        """
        (first, second, third), std = values["mean"], values["std"]
        return cls(values["channels"], (first, second, third), (std[0], std[1], std[2]))


def check_order(channels: str) -> None:
    """Raise a ValueError unless `channels` is "rgb" or "bgr"."""
    if channels not in ("rgb", "bgr"):
        raise ValueError(f'expected channels to be "rgb" or "bgr", got {channels!r}')
