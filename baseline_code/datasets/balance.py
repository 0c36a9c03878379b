"""Weights that make up for classes of different size."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from baseline_code.datasets.source import Labels


def inverse_frequency_weights(labels: Labels, num_classes: int) -> Tensor:
    """Weights inversely proportional to the classes' sizes, with mean 1 over the classes.

    Args:
        labels: (N,) classes of the training images.
        num_classes: C.

    Returns:
        (C,) float32.

    Raises:
        ValueError: if a class has no image.
    """
    counts = np.bincount(labels, minlength=num_classes)
    if not counts.all():
        raise ValueError(f"expected training images of every class, got counts {counts.tolist()}")
    inverse = 1 / counts
    return torch.from_numpy((inverse / inverse.mean()).astype(np.float32))
