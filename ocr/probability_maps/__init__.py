"""Probability maps as an artefact of their own: of whole images, fused, and kept in a folder."""

from ocr.probability_maps.cache import MapCache
from ocr.probability_maps.cache_index import CacheError
from ocr.probability_maps.cache_writer import MapCacheWriter
from ocr.probability_maps.fusion import Space, fuse_maps, fuse_views
from ocr.probability_maps.image_map import ImageMap, check_covers_image, crop_to_image, read_words
from ocr.probability_maps.views import Frame, MapView

__all__ = [
    "CacheError",
    "Frame",
    "ImageMap",
    "MapCache",
    "MapCacheWriter",
    "MapView",
    "Space",
    "check_covers_image",
    "crop_to_image",
    "fuse_maps",
    "fuse_views",
    "read_words",
]
