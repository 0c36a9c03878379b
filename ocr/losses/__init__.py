"""The losses of differentiable binarization."""

from ocr.losses.balanced_bce import BalancedBCELoss
from ocr.losses.db_loss import DBLoss, DBLossParts
from ocr.losses.dice import DiceLoss
from ocr.losses.masked_l1 import MaskedL1Loss

__all__ = ["BalancedBCELoss", "DBLoss", "DBLossParts", "DiceLoss", "MaskedL1Loss"]
