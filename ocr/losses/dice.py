"""Dice loss inside a mask."""

from __future__ import annotations

from torch import Tensor, nn


class DiceLoss(nn.Module):
    """1 - 2 |A n B| / (|A| + |B|) where the mask is 1: the approximate binary map's loss.

    Source:
        Milletari et al., 3DV 2016 (arXiv 1606.04797), with the sums of the maps, not of their squares, in the
        denominator, as differentiable binarization is trained with.

    Args:
        eps: added to the denominator; a batch with no text, or nothing that counts, gives 1 and no gradient (the cross
            entropy is what learns from it).
    """

    def __init__(self, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """(N, 1, H, W) floats in [0, 1] each -> scalar in [0, 1]."""
        intersection = (prediction * target * mask).sum()
        union = (prediction * mask).sum() + (target * mask).sum() + self.eps
        return 1 - 2 * intersection / union
