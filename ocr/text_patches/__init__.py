"""Pretraining data for encoders, cut out of detection labels."""

from ocr.text_patches.source import TextPatchSource

__all__ = ["TextPatchSource"]
