"""The weighted sum that trains the three maps, and its masked parts."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from ocr.label_maps.target_maps import TargetMaps
from ocr.losses.balanced_bce import BalancedBCELoss
from ocr.models.head import DBMaps


class MaskedL1Loss(nn.Module):
    """Mean absolute error where the mask is 1: the threshold map's loss, inside the dilated polygons only.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Optimization".
    """

    def forward(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """(N, 1, H, W) floats each -> scalar, >= 0; 0 where the mask is empty."""
        return ((prediction - target).abs() * mask).sum() / mask.sum().clamp(min=1)


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


class DBLossParts(NamedTuple):
    """The loss and its parts, unweighted; scalars."""

    total: Tensor
    probability: Tensor  # balanced cross entropy of P
    threshold: Tensor  # masked L1 of T
    approximate_binary: Tensor  # dice of the approximate binary map


class DBLoss(nn.Module):
    """5 · balanced BCE(P) + 10 · masked L1(T) + 1 · dice(B).

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Optimization" (L = Ls + alpha Lb + beta Lt, alpha = 1, beta = 10).
        Departures: Ls weighs 5 and Lb is the dice loss, as in the authors' published training; where a teacher's
        targets are soft, Ls learns them as they are and Lb as text from 0.5 on, for its map is to be binary.

    Args:
        probability_weight: of the balanced cross entropy.
        threshold_weight: of the L1 loss.
        approximate_binary_weight: of the dice loss.
        negative_ratio: negatives per positive in the cross entropy.
    """

    def __init__(
        self,
        *,
        probability_weight: float = 5.0,
        threshold_weight: float = 10.0,
        approximate_binary_weight: float = 1.0,
        negative_ratio: float = 3.0,
    ) -> None:
        super().__init__()
        self.weights = (probability_weight, threshold_weight, approximate_binary_weight)
        self.balanced_bce = BalancedBCELoss(negative_ratio)
        self.masked_l1 = MaskedL1Loss()
        self.dice = DiceLoss()

    def forward(self, maps: DBMaps, targets: TargetMaps) -> DBLossParts:
        """Loss of a batch.

        Args:
            maps: head output, (N, 1, H, W) each.
            targets: training maps as floats in [0, 1], (N, 1, H, W) each.

        Returns:
            Scalars; finite also where the batch has no text.
        """
        probability = self.balanced_bce(maps.probability_logits, targets.probability, targets.probability_mask)
        threshold = self.masked_l1(maps.threshold, targets.threshold, targets.threshold_mask)
        is_text = (targets.probability >= 0.5).float()
        binary = self.dice(maps.approximate_binary, is_text, targets.probability_mask)
        parts = (probability, threshold, binary)
        total = sum(
            (weight * part for weight, part in zip(self.weights, parts, strict=True)), start=probability.new_zeros(())
        )
        return DBLossParts(total, *parts)
