"""Mean absolute error inside a mask."""

from __future__ import annotations

from torch import Tensor, nn


class MaskedL1Loss(nn.Module):
    """Mean absolute error where the mask is 1: the threshold map's loss, inside the dilated polygons only.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Optimization".
    """

    def forward(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """(N, 1, H, W) floats each -> scalar, >= 0; 0 where the mask is empty."""
        return ((prediction - target).abs() * mask).sum() / mask.sum().clamp(min=1)
