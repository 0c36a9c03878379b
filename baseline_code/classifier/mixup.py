"""Mixup: each image of a batch blended with another one, and so is its loss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Mixed(NamedTuple):
    """A blended batch: `fraction` of each image's own, the rest of its partner's."""

    images: Tensor  # (N, 3, H, W)
    labels: Tensor  # (N,) of the images' own
    partner_labels: Tensor  # (N,)
    fraction: float  # in [0.5, 1]


def mix(images: Tensor, labels: Tensor, *, alpha: float, key: tuple[int, ...]) -> Mixed:
    """Blends each image with its neighbour in the batch, on their device and without waiting for it.

    Args:
        images: (N, 3, H, W) float, in shuffled order; the neighbour is therefore a random one.
        labels: (N,).
        alpha: of the Beta distribution that the fraction is drawn from, > 0: the larger, the nearer to half and half.
        key: such as (seed, epoch, batch), which alone decides on the fraction.

    Source:
        Zhang et al., ICLR 2018 (arXiv 1710.09412). Departures: one fraction for the whole batch (as in the authors'
        code), the partner is the neighbour, and the larger fraction is the image's own (the pairs are the same).
    """
    drawn = float(np.random.default_rng(key).beta(alpha, alpha))
    fraction = max(drawn, 1 - drawn)
    return Mixed(torch.lerp(images.roll(1, 0), images, fraction), labels, labels.roll(1, 0), fraction)
