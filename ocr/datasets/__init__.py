"""Pictures and labels: reading, augmentation, training maps, loaders."""

from ocr.datasets.batch import DetectionBatch, ImageRecord, TargetMaps
from ocr.datasets.datamodule import DetectionDataModule, Part
from ocr.datasets.pixels import PixelAugmentation
from ocr.datasets.views import Letterbox, RandomView

__all__ = [
    "DetectionBatch",
    "DetectionDataModule",
    "ImageRecord",
    "Letterbox",
    "Part",
    "PixelAugmentation",
    "RandomView",
    "TargetMaps",
]
