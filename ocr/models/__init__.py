"""The detector: encoder -> decoder -> head."""

from ocr.models.detector import TextDetector
from ocr.models.head import DBHead, DBMaps

__all__ = ["DBHead", "DBMaps", "TextDetector"]
