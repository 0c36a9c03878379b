"""Probability maps to word polygons."""

from ocr.postprocess.db_postprocess import DBPostProcess, Detections

__all__ = ["DBPostProcess", "Detections"]
