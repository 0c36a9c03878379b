"""Training and evaluation of the detector under Lightning."""

from ocr.lightning_modules.text_detection import BatchPrediction, TextDetectionModule

__all__ = ["BatchPrediction", "TextDetectionModule"]
