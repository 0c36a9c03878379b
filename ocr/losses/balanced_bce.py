"""Binary cross entropy over all positives and the hardest negatives."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BalancedBCELoss(nn.Module):
    """Mean cross entropy of the positives and of the hardest negatives, at most `negative_ratio` times as many.

    The numbers of both stay on the device, so that no step waits for the host.

    Targets may be soft, a teacher's probabilities. A pixel is then a positive where its target is at least 0.5, and its
    loss is the cross entropy less its least value (the target's own entropy, 0 for 0 and 1): a pixel that agrees with
    its target costs nothing, and is no hard negative.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Optimization" (hard negative mining, 3 : 1). Departures: soft
        targets; a batch without any positive counts its `min_negatives` hardest negatives, where the ratio alone would
        leave none.

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
            target: (N, 1, H, W) float in [0, 1].
            mask: (N, 1, H, W) float, 1 where the loss counts.

        Returns:
            Scalar, >= 0; 0 where the mask is empty.
        """
        cross_entropy = nn.functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
        loss = (cross_entropy - binary_entropy(target)).clamp(min=0)  # below 0 by rounding alone
        positive = (target >= 0.5) * mask
        negative = mask - positive
        positives = positive.sum()
        wanted = positives * self.negative_ratio + (positives == 0) * self.min_negatives
        negatives = torch.minimum(wanted, negative.sum()).floor()
        hardest = weigh_largest(loss.detach().masked_fill(negative == 0, -1), negatives)
        return (loss * (positive + hardest)).sum() / (positives + negatives).clamp(min=1)


def binary_entropy(probability: Tensor) -> Tensor:
    """-p ln p - (1 - p) ln (1 - p), the least cross entropy that a target p in [0, 1] allows; exactly 0 for 0 and 1."""
    rest = 1 - probability
    return -(torch.xlogy(probability, probability) + torch.xlogy(rest, rest))


def weigh_largest(values: Tensor, count: Tensor) -> Tensor:
    """Weights that take the `count` largest values and leave the others.

    The bits of floats that are not negative are ordered as the floats are: the `count`-th largest is found bit by bit,
    which needs neither a sort nor the count on the host.

    Args:
        values: any shape, float32; negative ones are never taken.
        count: scalar, whole, at most the number of values >= 0.

    Returns:
        Shape of `values`, float32: 1 above the `count`-th largest value, 0 below it; values equal to it divide what is
        left, so that the sum is `count`.
    """
    border = torch.zeros((), dtype=torch.int32, device=values.device)
    for bit in reversed(range(31)):
        higher = border | (1 << bit)
        enough = torch.count_nonzero(values >= higher.view(torch.float32)) >= count
        border = torch.where(enough, higher, border)
    above = values > border.view(torch.float32)
    equal = values == border.view(torch.float32)
    fraction = (count - torch.count_nonzero(above)) / torch.count_nonzero(equal).clamp(min=1)
    return above + equal * fraction
