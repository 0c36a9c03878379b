"""`Detector`: images -> words, by any engine; without torch where the engine is another one."""

from ocr.detection.detector import Detector
from ocr.detection.metadata import DetectorError
from ocr.detection.words import Word, Words

__all__ = ["Detector", "DetectorError", "Word", "Words"]
