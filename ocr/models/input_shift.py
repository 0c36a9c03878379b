"""What is left of another normalisation of a network's input than this project's."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class InputShift(nn.Module):
    """Adds a constant to each channel of the input; zero in a network of random weights.

    A network that was trained with another mean reads its own zero at the padded border. The shift stays in front of
    the padding, so that the border is read as it was, which a shift folded into the first bias would not do.

    Attributes:
        shift: (1, 3, 1, 1), in units of the normalised input. It is kept in checkpoints and does not learn.
    """

    shift: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) -> the same shape."""
        return images + self.shift
