"""Probability maps to word polygons."""

from ocr.postprocess.db_postprocess import READ_WITH_MODE, DBPostProcess, Detections

__all__ = ["READ_WITH_MODE", "DBPostProcess", "Detections"]
