"""Several models as one: weighted means of their probability maps, or votes on their polygons."""

from ocr.ensemble.box_vote import vote_polygons
from ocr.ensemble.members import check_same_images, check_same_names
from ocr.ensemble.prediction_files import vote_files
from ocr.ensemble.streaming import fuse_caches
from ocr.ensemble.weight_search import FoundWeights, search_weights
from ocr.ensemble.weight_table import Weights, WeightTable

__all__ = [
    "FoundWeights",
    "WeightTable",
    "Weights",
    "check_same_images",
    "check_same_names",
    "fuse_caches",
    "search_weights",
    "vote_files",
    "vote_polygons",
]
