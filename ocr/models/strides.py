"""The strides of encoders, and the sizes that they take."""

from __future__ import annotations

from torch import Tensor

STRIDES = (4, 8, 16, 32)


def check_size(images: Tensor) -> None:
    """Refuses (N, C, H, W) images that the strides do not divide.

    Raises:
        ValueError: if H or W is no multiple of 32.
    """
    height, width = images.shape[-2:]
    if height % STRIDES[-1] or width % STRIDES[-1]:
        raise ValueError(f"expected height and width to be multiples of {STRIDES[-1]}, got {height} x {width}")
