"""K folds: near-duplicates found and kept together, images assigned evenly."""

from ocr.cross_validation.splitting import Grouping, fingerprint, split_folds

__all__ = ["Grouping", "fingerprint", "split_folds"]
