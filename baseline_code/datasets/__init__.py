"""Labelled images: sources, augmentation, loaders."""

from baseline_code.datasets.archive import ZipSource
from baseline_code.datasets.augmentation import ClassificationAugmentation
from baseline_code.datasets.cifar10 import Cifar10Source
from baseline_code.datasets.datamodule import ClassificationDataModule
from baseline_code.datasets.dataset import ClassificationBatch
from baseline_code.datasets.folder import FolderSource
from baseline_code.datasets.medmnist import NpzSource
from baseline_code.datasets.resplit import ResplitSource
from baseline_code.datasets.source import ImageSource, LabelledImages, SourceError, Splits
from baseline_code.datasets.table import CsvSource

__all__ = [
    "Cifar10Source",
    "ClassificationAugmentation",
    "ClassificationBatch",
    "ClassificationDataModule",
    "CsvSource",
    "FolderSource",
    "ImageSource",
    "LabelledImages",
    "NpzSource",
    "ResplitSource",
    "SourceError",
    "Splits",
    "ZipSource",
]
