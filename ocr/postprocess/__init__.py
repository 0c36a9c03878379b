"""Probability maps to word outlines."""

from ocr.postprocess.db_postprocess import DBPostProcess
from ocr.postprocess.detections import Detections

__all__ = ["DBPostProcess", "Detections"]
