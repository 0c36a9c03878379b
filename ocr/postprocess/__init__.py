"""Probability maps to word polygons."""

from ocr.postprocess.db_postprocess import DBPostProcess
from ocr.postprocess.detections import Detections

__all__ = ["DBPostProcess", "Detections"]
