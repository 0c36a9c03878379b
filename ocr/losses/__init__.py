"""The losses of differentiable binarization."""

from ocr.losses.balanced_bce import BalancedBCELoss
from ocr.losses.db_loss import DBLoss, DBLossParts, DiceLoss, MaskedL1Loss

__all__ = ["BalancedBCELoss", "DBLoss", "DBLossParts", "DiceLoss", "MaskedL1Loss"]
