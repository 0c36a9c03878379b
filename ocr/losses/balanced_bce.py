"""Binary cross entropy over all positives and the hardest negatives."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BalancedBCELoss(nn.Module):
    """Mean cross entropy of the positives and of the hardest negatives, at most `negative_ratio` times as many.

    The numbers of both stay on the device: the negatives are sorted and weighed by rank, so no step waits for the host.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Optimization" (hard negative mining, 3 : 1). Departure: a batch
        without any positive counts its `min_negatives` hardest negatives, where the ratio alone would leave none.

    Args:
        negative_ratio: negatives per positive, > 0.
        min_negatives: negatives that count in a batch without any positive, where the mask has as many.
    """

    def __init__(self, negative_ratio: float = 3.0, min_negatives: int = 1000) -> None:
        super().__init__()
        if negative_ratio <= 0 or min_negatives < 1:
            raise ValueError(
                f"expected negative_ratio > 0 and min_negatives >= 1, got {negative_ratio} and {min_negatives}"
            )
        self.negative_ratio = negative_ratio
        self.min_negatives = min_negatives

    def forward(self, logits: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Loss over a batch.

        Args:
            logits: (N, 1, H, W) float, before the sigmoid.
            target: (N, 1, H, W) float, 0 or 1.
            mask: (N, 1, H, W) float, 1 where the loss counts.

        Returns:
            Scalar, >= 0; 0 where the mask is empty.
        """
        loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
        positive = target * mask
        negative = (1 - target) * mask
        positives = positive.sum()
        wanted = torch.where(positives > 0, positives * self.negative_ratio, self.min_negatives)
        negatives = torch.minimum(wanted, negative.sum()).floor()
        hardest = (loss * negative).flatten().sort(descending=True).values
        rank = torch.arange(hardest.numel(), device=hardest.device)
        negative_loss = (hardest * (rank < negatives)).sum()
        return ((loss * positive).sum() + negative_loss) / (positives + negatives).clamp(min=1)
