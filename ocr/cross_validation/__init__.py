"""K folds: near-duplicates found and kept together, pictures dealt evenly."""

from ocr.cross_validation.splitting import Grouping, fingerprint, split_folds

__all__ = ["Grouping", "fingerprint", "split_folds"]
