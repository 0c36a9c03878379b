"""Training of the detector under Lightning."""

from ocr.lightning_modules.text_detection import TextDetectionModule

__all__ = ["TextDetectionModule"]
