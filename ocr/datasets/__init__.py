"""Pictures and labels: reading, augmentation, training maps, loaders."""

from ocr.datasets.batch import DetectionBatch, ImageRecord
from ocr.datasets.datamodule import DetectionDataModule, Part
from ocr.datasets.pixels import PixelAugmentation
from ocr.datasets.target_maps import TargetMaps
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
