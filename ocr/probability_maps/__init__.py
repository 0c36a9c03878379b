"""Probability maps as an artefact of their own: of whole pictures, fused, and kept in a folder."""

from ocr.probability_maps.cache import MapCache
from ocr.probability_maps.cache_index import CacheError
from ocr.probability_maps.cache_writer import MapCacheWriter
from ocr.probability_maps.digests import file_sha256
from ocr.probability_maps.fusion import Space, fuse_views
from ocr.probability_maps.image_fusion import fuse_maps
from ocr.probability_maps.image_map import PictureMap, check_covers_picture, crop_to_picture
from ocr.probability_maps.views import Frame, MapView

__all__ = [
    "CacheError",
    "Frame",
    "MapCache",
    "MapCacheWriter",
    "MapView",
    "PictureMap",
    "Space",
    "check_covers_picture",
    "crop_to_picture",
    "file_sha256",
    "fuse_maps",
    "fuse_views",
]
